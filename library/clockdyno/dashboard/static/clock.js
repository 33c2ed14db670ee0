// Keeps the page fresh without losing the reader's place. The pages work without this file.
"use strict";

const EVERY = 10000;
let busy = false;

// Make `old` like `fresh` by changing only what differs: so scroll, focus and selection stay.
function blend(old, fresh) {
  if (old.nodeType !== fresh.nodeType || old.nodeName !== fresh.nodeName || old.id !== fresh.id) {
    old.replaceWith(fresh);
    return;
  }
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
  const before = [...old.childNodes];
  const after = [...fresh.childNodes];
  after.forEach((node, n) => (before[n] ? blend(before[n], node) : old.append(node)));
  before.slice(after.length).forEach((node) => node.remove());
}

async function load(address) {
  const reply = await fetch(address, { cache: "no-store", signal: AbortSignal.timeout(8000) });
  const page = new DOMParser().parseFromString(await reply.text(), "text/html");
  if (!reply.ok || !page.querySelector("main")) throw new Error(reply.status);
  for (const part of ["main", ".foot"]) {
    blend(document.querySelector(part), page.querySelector(part));
  }
  document.title = page.title;
}

function say(text) {
  const line = document.querySelector("[data-stale]");
  if (line.textContent !== text) line.textContent = text;
}

async function refresh() {
  if (busy || document.hidden) return;
  busy = true;
  try {
    await load(location.href);
    say("");
  } catch {
    say("This page could not be refreshed; it shows what was known before.");
  } finally {
    busy = false;
  }
}

// A button acts in place; if that fails, the form is sent as it would be without this file.
async function act(event) {
  const form = event.target;
  if (form.method !== "post" || busy || form.dataset.plain) return;
  event.preventDefault();
  const button = event.submitter || form.querySelector("button");
  busy = true;
  button.setAttribute("aria-busy", "true");
  try {
    const body = new URLSearchParams(new FormData(form, button));
    const reply = await fetch(form.action, { method: "POST", body, redirect: "manual" });
    if (reply.type !== "opaqueredirect") throw new Error(reply.status);
    await load(location.href);
    say("");
  } catch {
    form.dataset.plain = "1";
    form.requestSubmit(button);
  } finally {
    busy = false;
    button.removeAttribute("aria-busy");
  }
  // The clock acts within seconds: look soon.
  [1000, 3000, 5000].forEach((delay) => setTimeout(refresh, delay));
}

setInterval(refresh, EVERY);
document.addEventListener("visibilitychange", refresh);
document.addEventListener("submit", act);
