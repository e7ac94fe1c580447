// The team's page and the call-backs, kept fresh: what a person has opened or chosen in it stays.
import "./base.js";
import { morph } from "./morph.js";
import { fragments, HEADER } from "./server.js";
import { follow } from "./stream.js";

const GATHER = 1500; // ms between two refreshes
const TIMES = 15_000; // ms after which somebody may have gone without a word
const main = document.getElementById("main");

async function look() {
  // Where a refused transfer stands, or a choice is being made, nothing is swept away.
  if (document.hidden || main.querySelector(".alert") || main.contains(document.activeElement?.closest("select"))) return;
  try {
    const fresh = await fragments(main.dataset.parts + location.search, "look");
    morph(document.getElementById("parts"), fresh.getElementById("parts"));
  } catch {
    // The line says by itself when it is back, and then everything is looked at again.
  }
}

// Passing on leaves its reader where they are; the page's address remembers what can be undone.
document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!("stay" in form.dataset)) return;
  event.preventDefault();
  try {
    const body = new URLSearchParams(new FormData(form, event.submitter));
    const response = await fetch(form.action, { method: "POST", body, headers: { [HEADER]: "act" } });
    const fresh = new DOMParser().parseFromString(await response.text(), "text/html").getElementById("parts");
    if (response.redirected) history.replaceState({}, "", response.url);
    morph(document.getElementById("parts"), fresh);
    if (!main.contains(document.activeElement)) document.querySelector("#undo button")?.focus({ preventScroll: true });
  } catch {
    delete form.dataset.stay; // the plain way, which says what is wrong
    form.requestSubmit(event.submitter);
  }
});

let pending = 0;
function lookSoon() {
  pending ||= setTimeout(() => {
    pending = 0;
    look();
  }, GATHER);
}

follow(main.dataset.live, { look: lookSoon, change: lookSoon, words: lookSoon, beat: () => {}, over: () => location.reload() });
setInterval(lookSoon, TIMES);
document.addEventListener("visibilitychange", () => document.hidden || lookSoon());
