// The editor: the answer as citizens will read it, while it is typed; and nothing typed is lost by mistake.
import "./base.js";

const PAUSE = 400; // ms without a key before the preview is fetched
const form = document.getElementById("entry-form");
const preview = document.getElementById("preview");
let timer = 0;
let turn = 0;
let changed = form.dataset.unsaved === "1";

async function look() {
  const mine = ++turn;
  const response = await fetch(form.dataset.preview, {
    method: "POST",
    body: new URLSearchParams(new FormData(form)),
    headers: { "X-Stadtbote-Live": "act" },
  });
  if (!response.ok || mine !== turn) return; // the old preview stays; saving says what is wrong
  const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
  preview.replaceChildren(...fresh.body.children);
}

form.addEventListener("input", () => {
  changed = true;
  clearTimeout(timer);
  timer = setTimeout(() => look().catch(() => {}), PAUSE);
});
form.addEventListener("submit", () => (changed = false));
addEventListener("beforeunload", (event) => changed && event.preventDefault());

for (const button of form.querySelectorAll(".no-script")) button.hidden = true;

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
