// What the inbox says: to everybody in a line of its own, beside the field that it is about, and to screen readers once.
import { SignedOut } from "./server.js";

export const words = document.getElementById("words").dataset;
const BESIDE = { reply: "reply-why", note: "note-why", send: "side-why", transfer: "pass-why", file: "file-why", template: "template-why" };
const part = (id) => document.getElementById(id);

export function lines() {
  return new Set([...document.querySelectorAll("#transcript [data-line]")].map((line) => line.dataset.line));
}

export function announceLines(told) {
  const fresh = [...document.querySelectorAll('#transcript [data-by="citizen"]')].filter((x) => !told.has(x.dataset.line));
  for (const line of fresh) announce(`${words.newMessage} ${line.querySelector(".words").textContent}`);
  return fresh.length > 0;
}

export function announce(text) {
  const log = part("announcer");
  log.append(Object.assign(document.createElement("p"), { textContent: text }));
  while (log.childElementCount > 5) log.firstElementChild.remove();
}

export function toast(text) {
  const line = part("line");
  if (line.textContent !== text) line.textContent = text;
  line.hidden = !text;
}

export function trouble(error) {
  toast(error instanceof SignedOut ? words.over : words.offline);
}

export function complain(verb, why) {
  const place = part(BESIDE[verb]) || part("why");
  if (!place) return;
  place.textContent = why;
  place.hidden = !why;
  if (why) place.dataset.kept = "1";
  else delete place.dataset.kept;
}
