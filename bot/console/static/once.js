// A sending has a name and keeps it until an answer came: sent again, the server says the same words once. What arrived
// although no answer came is seen in the transcript, and leaves the composer.
import * as drafts from "./drafts.js";

const areaOf = (form) => form.querySelector("textarea[data-draft]");

// From the moment in which it leaves until an answer came, nobody knows whether it arrived.
export function doubt(form) {
  const name = form.elements.once;
  if (!name) return;
  name.dataset.kept = "1"; // a refresh of the page leaves it alone
  if (areaOf(form)) drafts.doubt(areaOf(form), name.value);
}

// The next sending bears another name.
export function settle(form) {
  const name = form.elements.once;
  if (!name) return;
  delete name.dataset.kept;
  const bytes = [...crypto.getRandomValues(new Uint8Array(6))];
  name.value = bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

// After a reload: the doubt that was kept with the draft.
export function recall(area) {
  const kept = drafts.doubted(area);
  const name = area.form.elements.once;
  if (!kept || !name) return;
  name.value = kept.once;
  name.dataset.kept = "1";
}

// Calls told(form) for each form whose doubtful sending stands in the transcript.
export function arrivals(told) {
  for (const name of document.querySelectorAll("input[name=once][data-kept]")) {
    if (!document.querySelector(`#transcript [data-line="${CSS.escape(name.value)}"]`)) continue;
    const form = name.form;
    const area = areaOf(form);
    const kept = area && drafts.doubted(area);
    if (kept) drafts.spend(area, kept.sent);
    settle(form);
    told(form);
  }
}
