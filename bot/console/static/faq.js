// The editor: the answer as citizens will read it, while it is typed; and nothing typed is lost, whatever dies.
import "./base.js";
import { keeping } from "./faq_keep.js";
import { keys } from "./faq_keys.js";
import { post } from "./faq_post.js";

const PAUSE = 400; // ms without a key before the preview is fetched
const form = document.getElementById("entry-form");
const open = new Set(); // ids of parts whose details somebody opened
let timer = 0;
let turn = 0;

async function look() {
  const mine = ++turn;
  const response = await post(form, form.dataset.preview, { of: form.dataset.of });
  if (!response.ok || mine !== turn) return; // the old preview stays; saving says what is wrong
  const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
  const named = new Map([...fresh.body.children].map((part) => [part.id, part]));
  for (const old of document.querySelectorAll("#preview, .fresh")) {
    const part = named.get(old.id);
    old.replaceChildren(...(part ? part.childNodes : []));
    for (const details of old.querySelectorAll("details")) details.open = open.has(old.id);
  }
}

function soon() {
  clearTimeout(timer);
  timer = setTimeout(() => look().catch(() => {}), PAUSE);
}

form.addEventListener("input", soon);
document.querySelector(".preview").addEventListener("change", (event) => event.target.name === "look" && soon());
document.addEventListener("toggle", (event) => {
  const part = event.target.closest(".fresh");
  if (part) event.target.open ? open.add(part.id) : open.delete(part.id);
}, true);
// Whoever writes a translation sees it.
form.addEventListener("focusin", (event) => {
  const code = /^texts\.(\w+)\./.exec(event.target.name ?? "")?.[1];
  const radio = code && document.getElementById(`look-${code}`);
  if (!radio || radio.checked) return;
  radio.checked = true;
  soon();
});
for (const button of form.querySelectorAll(".no-script")) button.hidden = true;

keeping(form);
keys(form);

// "Fehlt noch." goes once something stands there.
form.addEventListener("input", (event) => {
  const missing = document.getElementById(`l-${event.target.name}`);
  if (missing) missing.hidden = event.target.value.trim() !== "";
});

// Two versions of a field: what is chosen stands in the form at once; what is typed then is one's own again.
for (const radio of document.querySelectorAll("input[data-field]")) {
  const take = () => {
    const target = form.elements[radio.dataset.field];
    if (!radio.checked || !target || target.value === radio.dataset.value) return;
    target.value = radio.dataset.value;
    soon();
  };
  radio.addEventListener("change", take);
  take();
}
form.addEventListener("input", (event) => {
  const mine = document.querySelector(`input[data-field="${CSS.escape(event.target.name)}"][value="mine"]`);
  if (mine) mine.checked = true;
});

// A short name out of the question, until somebody writes one.
const slug = document.getElementById("entry");
const question = document.getElementById("texts.de.question");
if (slug && !slug.value) {
  const spelled = { ä: "ae", ö: "oe", ü: "ue", ß: "ss" };
  question.addEventListener("input", () => {
    if (slug.dataset.own) return;
    const plain = question.value.toLowerCase().replace(/[äöüß]/g, (c) => spelled[c]);
    slug.value = plain.replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "").slice(0, 60).replace(/-+$/, "");
  });
  slug.addEventListener("input", () => (slug.dataset.own = "1"));
}
