// Keeps the page fresh without losing the reader's place. The pages work without this file.
"use strict";

const EVERY = 10000;
const pressed = new Set(); // The buttons whose action is under way.
let refreshing = false;
let newest = 0; // The number of the page that was asked for last.

// What a node is about: so that a row stays itself, with its focus and its tick, when others come
// before it.
function key(node) {
  if (node.nodeType !== Node.ELEMENT_NODE) return node.nodeName;
  let about = node.id || node.getAttribute("aria-labelledby") || node.getAttribute("href");
  if (!about && node.matches("li, tr")) {
    const run = node.matches("tr") && node.querySelector('a[href*="/runs/"]');
    const part = node.querySelector("[name=job]") || run || node.querySelector("a[href]");
    about = part && (part.value || part.getAttribute("href"));
  }
  return `${node.nodeName} ${about}`;
}

// Make `old` like `fresh` by changing only what differs: so scroll, focus and selection stay.
function blend(old, fresh) {
  if (old.nodeType !== Node.ELEMENT_NODE) {
    if (old.data !== fresh.data) old.data = fresh.data;
    return;
  }
  for (const { name } of [...old.attributes]) {
    // What the reader has opened stays open.
    if (!fresh.hasAttribute(name) && name !== "open") old.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) {
    if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  const known = Map.groupBy(old.childNodes, key);
  const pairs = [...fresh.childNodes].map((node) => [known.get(key(node))?.shift(), node]);
  for (const gone of [...known.values()].flat()) gone.remove();
  let place = old.firstChild;
  for (const [kept, node] of pairs) {
    if (kept && kept === place) place = place.nextSibling;
    else old.insertBefore(kept || node, place);
    if (kept) blend(kept, node);
  }
}

// What the reader points at, is on or reads stays where it is, whatever comes or goes above it.
function hold(change) {
  const top = (node) => node.getBoundingClientRect().top;
  const isSeen = (node) => top(node) < innerHeight && node.getBoundingClientRect().bottom > 0;
  const { activeElement: active } = document;
  const anchors = [
    document.querySelector("main :is(a, button, summary, input):hover"),
    active.closest("main *"),
    // At the top of the page what is new belongs in sight.
    ...(scrollY ? document.querySelectorAll("main :is(h1, h2, h3, li, tr, p, svg)") : []),
  ].filter((node) => node && isSeen(node));
  const tops = new Map(anchors.map((node) => [node, top(node)]));
  change();
  if (document.activeElement !== active && active.isConnected) active.focus({ preventScroll: true });
  const anchor = anchors.find((node) => node.isConnected);
  if (anchor) scrollBy(0, top(anchor) - tops.get(anchor));
}

// Fetch this page and show it. Of several that are fetched at once only the last asked for is
// shown, and only its failure is told: a press need not wait for a refresh.
async function show() {
  const asked = ++newest;
  try {
    const signal = AbortSignal.timeout(8000);
    const reply = await fetch(location.href, { cache: "no-store", signal });
    const page = new DOMParser().parseFromString(await reply.text(), "text/html");
    if (!reply.ok || !page.querySelector("main")) throw new Error(reply.status);
    if (asked !== newest) return;
    hold(() => {
      for (const part of ["main", ".foot"]) {
        blend(document.querySelector(part), page.querySelector(part));
      }
    });
    document.title = page.title;
    say("");
  } catch {
    if (asked === newest) say("This page could not be refreshed; it shows what was known before.");
  }
}

function say(text) {
  const line = document.querySelector("[data-stale]");
  if (line.textContent !== text) line.textContent = text;
}

async function refresh() {
  if (refreshing || pressed.size || document.hidden) return;
  refreshing = true;
  await show();
  refreshing = false;
}

// Send a form as it would be without this file, with what was in it when it was pressed.
function send(address, body) {
  const form = document.createElement("form");
  form.method = "post";
  form.setAttribute("action", address);
  for (const [name, value] of body) {
    const field = Object.assign(document.createElement("input"), { type: "hidden", name, value });
    form.append(field);
  }
  document.body.append(form);
  form.submit();
}

// A button acts in place, once, however often it is pressed meanwhile. A refusal has its own page.
async function act(event) {
  const form = event.target;
  if (form.method !== "post") return;
  event.preventDefault();
  const button = event.submitter || form.querySelector("button");
  if (pressed.has(button)) return;
  pressed.add(button);
  if (button.value === "mine") button.value = Intl.DateTimeFormat().resolvedOptions().timeZone;
  // Not form.action: that is a button of this name, where there is one.
  const address = form.getAttribute("action");
  const body = new URLSearchParams(new FormData(form, button));
  button.setAttribute("aria-busy", "true");
  try {
    const reply = await fetch(address, { method: "POST", body, redirect: "manual" });
    if (reply.status >= 400 && reply.status < 500) return send(address, body);
    if (reply.type !== "opaqueredirect") throw new Error(reply.status);
    await show();
  } catch {
    return say("No answer: it may have been done or not. Look at this page again before you press again.");
  } finally {
    pressed.delete(button);
    button.removeAttribute("aria-busy");
  }
  // The clock acts within seconds: look soon.
  [1000, 3000, 5000].forEach((delay) => setTimeout(refresh, delay));
}

setInterval(refresh, EVERY);
document.addEventListener("visibilitychange", refresh);
document.addEventListener("submit", act);
