"use strict";

// The town's chat on another site: a button that opens a frame. It reads nothing of the page around it but its own tag.
(() => {
  const tag = document.currentScript;
  const root = new URL(tag.src).origin;
  const every = "%TEXTS%";
  const wanted = (tag.dataset.lang || navigator.language || "de").slice(0, 2).toLowerCase();
  const words = every[wanted] || every.de;
  const name = "stadtbote-chat";
  if (document.querySelector(name)) return;

  const CSS_TEXT = `
:host { all: initial !important; display: block !important; height: 88px !important; pointer-events: none !important;
  color-scheme: light dark !important; }
* { box-sizing: border-box; margin: 0; font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
[hidden] { display: none !important; }
.root { --accent: #0b5563; --strong: #073c47; --on: #fff; --panel: #f4f6f5; --line: #d5dcdb; --mark: #a3211b; }
button { pointer-events: auto; cursor: pointer; border: 2px solid transparent; background: var(--accent);
  color: var(--on); }
button:hover { background: var(--strong); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; box-shadow: 0 0 0 2px #fff; }
.bubble { position: fixed; z-index: 2147483000; display: flex; align-items: center; gap: 8px; min-height: 56px;
  padding-block: 8px; padding-inline: 16px 20px; border-radius: 28px; font-weight: 600; box-shadow: 0 6px 24px rgb(10 40 48 / 25%);
  right: calc(16px + env(safe-area-inset-right)); bottom: calc(16px + env(safe-area-inset-bottom)); }
.bubble svg { width: 24px; height: 24px; fill: none; stroke: currentColor; stroke-width: 2; stroke-linejoin: round;
  stroke-linecap: round; }
.count { min-width: 24px; padding: 0 7px; border-radius: 12px; background: #fff; color: var(--mark); font-size: 14px;
  line-height: 24px; font-weight: 700; text-align: center; }
.panel { position: fixed; z-index: 2147483001; display: flex; flex-direction: column; pointer-events: auto;
  right: calc(16px + env(safe-area-inset-right)); bottom: calc(16px + env(safe-area-inset-bottom));
  width: min(400px, calc(100vw - 32px)); height: min(680px, calc(100vh - 32px)); overflow: hidden;
  background: var(--panel); border: 1px solid var(--line); border-radius: 6px;
  box-shadow: 0 6px 24px rgb(10 40 48 / 25%); }
.bar { display: flex; align-items: center; min-height: 48px; padding-inline-start: 16px; background: var(--accent);
  color: var(--on); }
.bar b { flex: 1; font-weight: 600; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.bar button { width: 48px; height: 48px; font-size: 24px; line-height: 1; }
.bar :focus-visible { outline-color: var(--on); outline-offset: -6px; box-shadow: none; }
iframe { flex: 1; width: 100%; border: 0; background: var(--panel); }
@media (max-width: 480px) { .bubble { padding: 8px 16px; } .bubble .name { display: none; } }
@media (max-width: 480px), (max-height: 480px) {
  .panel { inset: 0; width: 100%; height: 100%; height: 100dvh; border: 0; border-radius: 0;
    padding: env(safe-area-inset-top) 0 0; background: var(--accent); } }
@media (prefers-color-scheme: dark) {
  .root { --accent: #7fcdd5; --strong: #a9e2e7; --on: #06262b; --panel: #10191b; --line: #2f4043; }
  :focus-visible { box-shadow: 0 0 0 2px #10191b; } }
@media (prefers-reduced-motion: no-preference) {
  .panel { animation: rise 0.16s ease-out; }
  @keyframes rise { from { opacity: 0; transform: translateY(12px); } } }
@media (forced-colors: active) { .bubble, .panel, .bar { border: 2px solid ButtonText; } }
@media print { :host { display: none !important; } }
`;

  const make = (kind, attributes, ...children) => {
    const element = document.createElement(kind);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.append(...children);
    return element;
  };

  const icon = () => {
    const space = "http://www.w3.org/2000/svg";
    const svg = document.createElementNS(space, "svg");
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("aria-hidden", "true");
    const path = document.createElementNS(space, "path");
    path.setAttribute("d", "M4 5h16v11h-9l-5 4v-4H4zM8 9h8M8 12h5");
    svg.append(path);
    return svg;
  };

  const host = document.createElement(name);
  const shadow = host.attachShadow({ mode: "open" });
  if ("adoptedStyleSheets" in shadow) {
    const sheet = new CSSStyleSheet(); // allowed by every Content-Security-Policy, unlike a style element
    sheet.replaceSync(CSS_TEXT);
    shadow.adoptedStyleSheets = [sheet];
  } else shadow.append(make("style", {}, CSS_TEXT));

  const count = make("span", { class: "count", "aria-hidden": "true", hidden: "" });
  const bubble = make("button", { class: "bubble", type: "button", "aria-expanded": "false", "aria-haspopup": "dialog" },
    icon(), make("span", { class: "name" }, words.bubble), count);
  const close = make("button", { type: "button", "aria-label": words.close, title: words.close }, "×");
  const bar = make("div", { class: "bar" }, make("b", {}, words.bar), close);
  const panel = make("div", { class: "panel", role: "dialog", "aria-label": words.panel, hidden: "" }, bar);
  shadow.append(make("div", { class: "root", lang: words === every.de ? "de" : wanted, dir: words.dir }, bubble, panel));
  let frame = null;

  const label = (unread) => {
    count.textContent = unread;
    count.hidden = !unread;
    bubble.setAttribute("aria-label", unread ? words.open_new : words.open);
  };

  const tell = (what) => frame.contentWindow.postMessage({ stadtbote: what }, root);

  const open = () => {
    if (!frame) {
      // Only now is anything loaded or stored.
      frame = make("iframe", { title: words.panel, src: `${root}/?embed=1`, referrerpolicy: "origin" });
      frame.addEventListener("load", () => !panel.hidden && (frame.focus(), tell("open")));
      panel.append(frame);
    } else setTimeout(() => (frame.focus(), tell("open")));
    panel.hidden = false;
    bubble.hidden = true;
    bubble.setAttribute("aria-expanded", "true");
    label(0);
    close.focus();
  };

  const shut = () => {
    if (panel.hidden) return;
    panel.hidden = true;
    bubble.hidden = false;
    bubble.setAttribute("aria-expanded", "false");
    tell("shut");
    bubble.focus();
  };

  bubble.addEventListener("click", open);
  close.addEventListener("click", shut);
  panel.addEventListener("keydown", (event) => event.key === "Escape" && shut());
  window.addEventListener("message", (event) => {
    if (!frame || event.source !== frame.contentWindow || event.origin !== root) return;
    if (event.data.stadtbote === "close") shut();
    if (event.data.stadtbote === "unread" && panel.hidden) label(event.data.count);
  });
  label(0);
  document.body.append(host);
})();
