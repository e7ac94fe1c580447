// Canned responses: "/" at the start of a word in the reply opens a list, and what is typed behind it searches that.
// Without script the form of the composer does the same with a select.
import { keep } from "./drafts.js";

const CALL = /(?:^|\s)\/([\p{L}\p{N}]*)$/u;
const PLACE = /\{\w+\}/;
const part = (id) => document.getElementById(id);
let chosen = 0;
let told = "";

export function offer(words, announce) {
  document.documentElement.classList.add("scripted");
  document.addEventListener("input", (event) => event.target.id === "reply" && update(event.target));
  document.addEventListener("focusout", (event) => event.target.id === "reply" && close());
  document.addEventListener("keydown", key, true); // before the keys of the page: Escape closes the list first
  document.addEventListener("pointerdown", (event) => event.target.closest("#canned-list") && event.preventDefault());
  document.addEventListener("click", (event) => {
    const item = event.target.closest("#canned-list [data-id]");
    if (item) take(item);
    if (event.target.closest("#canned-menu")) call();
  });

  function update(area) {
    const found = CALL.exec(area.value.slice(0, area.selectionStart));
    if (!found || !part("canned-list")) return close();
    const fitting = search(found[1].toLocaleLowerCase());
    chosen = 0;
    draw(area, fitting);
    const many = fitting.length === 1 ? words.cannedOne : words.cannedMany;
    const said = fitting.length ? many.replace("{n}", fitting.length) : words.noCanned;
    if (said !== told) announce(said);
    told = said;
  }

  function draw(area, fitting) {
    const list = part("canned-list");
    list.replaceChildren(...(fitting.length ? fitting.map(item) : [nothing(words.noCanned)]));
    list.hidden = false;
    list.dataset.kept = area.dataset.kept = "1"; // a refresh of the page leaves both alone
    mark(area);
  }
}

// What begins with the typed text stands before what holds it: first shortcuts, then words of the title.
function search(typed) {
  const rank = ({ dataset }) => {
    const title = dataset.title.toLocaleLowerCase();
    if (dataset.shortcut === typed) return 0;
    if (dataset.shortcut.startsWith(typed)) return 1;
    if (title.split(/\s+/).some((word) => word.startsWith(typed))) return 2;
    return title.includes(typed) ? 3 : 4;
  };
  const every = [...part("canned").options].filter((option) => option.value);
  const ranked = every.map((option) => ({ option, at: typed ? rank(option) : 0 }));
  return ranked.filter(({ at }) => at < 4).sort((a, b) => a.at - b.at).map(({ option }) => option);
}

function item(option, index) {
  const { title, shortcut, text } = option.dataset;
  const made = Object.assign(document.createElement("li"), { id: `canned-${index}` });
  made.setAttribute("role", "option");
  made.dataset.id = option.value;
  const head = document.createElement("span");
  head.append(Object.assign(document.createElement("strong"), { textContent: title }));
  if (shortcut) head.append(Object.assign(document.createElement("kbd"), { textContent: `/${shortcut}` }));
  const words = Object.assign(document.createElement("span"), { textContent: text, className: "soft", dir: "auto" });
  made.append(head, words);
  return made;
}

function nothing(text) {
  const made = Object.assign(document.createElement("li"), { textContent: text, className: "soft" });
  made.setAttribute("role", "option");
  made.setAttribute("aria-disabled", "true");
  return made;
}

function options() {
  return [...document.querySelectorAll("#canned-list [data-id]")];
}

function mark(area) {
  options().forEach((one, index) => one.setAttribute("aria-selected", String(index === chosen)));
  const now = options()[chosen];
  if (!now) return area.removeAttribute("aria-activedescendant");
  area.setAttribute("aria-activedescendant", now.id);
  now.scrollIntoView({ block: "nearest" });
}

function close() {
  const list = part("canned-list");
  told = "";
  if (!list || list.hidden) return;
  list.hidden = true;
  list.replaceChildren();
  delete list.dataset.kept;
  const area = part("reply");
  delete area.dataset.kept;
  area.removeAttribute("aria-activedescendant");
}

function key(event) {
  const area = event.target;
  if (area.id !== "reply" || part("canned-list")?.hidden !== false || event.isComposing) return;
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  const every = options();
  if (event.key === "Escape") close();
  else if ((event.key === "Enter" || event.key === "Tab") && every.length) take(every[chosen]);
  else if (event.key === "ArrowDown" && every.length) chosen = (chosen + 1) % every.length;
  else if (event.key === "ArrowUp" && every.length) chosen = (chosen + every.length - 1) % every.length;
  else return;
  event.preventDefault();
  event.stopPropagation();
  if (!part("canned-list").hidden) mark(area);
}

// In place of the "/…"; the first place that nobody could fill is selected, to be typed over.
function take(item) {
  const area = part("reply");
  const text = [...part("canned").options].find((option) => option.value === item.dataset.id).dataset.text;
  const end = area.selectionStart;
  const from = area.value.slice(0, end).lastIndexOf("/");
  area.setRangeText(text, from, end, "end");
  const open = PLACE.exec(text);
  if (open) area.setSelectionRange(from + open.index, from + open.index + open[0].length);
  keep(area);
  close();
  area.focus();
}

// The button types the "/" for whoever has a mouse.
function call() {
  const area = part("reply");
  area.focus();
  const at = area.selectionStart;
  const space = at && !/\s/.test(area.value[at - 1]) ? " " : "";
  area.setRangeText(`${space}/`, at, area.selectionEnd, "end");
  area.dispatchEvent(new Event("input", { bubbles: true }));
}
