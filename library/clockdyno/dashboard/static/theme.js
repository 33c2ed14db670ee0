// Light or dark as the reader has chosen, before anything is drawn. Without a choice: the system's.
"use strict";

const THEMES = ["system", "light", "dark"];
let theme = "system";
try {
  theme = localStorage.getItem("clock-theme") || theme;
} catch {
  // It may not be stored here; then it is for this page alone.
}
if (!THEMES.includes(theme)) theme = "system";
document.documentElement.dataset.theme = theme;

function showTheme(button) {
  button.hidden = false;
  button.querySelector("span").textContent = theme;
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-theme-switch]");
  if (!button) return;
  theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
  document.documentElement.dataset.theme = theme;
  try {
    localStorage.setItem("clock-theme", theme);
  } catch {
    // As above.
  }
  showTheme(button);
});
document.addEventListener("DOMContentLoaded", () => {
  showTheme(document.querySelector("[data-theme-switch]"));
});
