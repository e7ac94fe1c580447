// The team's page and the call-backs, kept fresh: what a person has opened or chosen in it stays.
import "./base.js";
import { morph } from "./morph.js";
import { fragments } from "./server.js";
import { follow } from "./stream.js";

const GATHER = 1500; // ms between two refreshes
const TIMES = 15_000; // ms after which somebody may have gone without a word
const main = document.getElementById("main");

async function look() {
  // Where a refused transfer stands, or a choice is being made, nothing is swept away.
  if (document.hidden || main.querySelector(".alert") || main.contains(document.activeElement?.closest("select"))) return;
  try {
    const fresh = await fragments(main.dataset.parts, "look");
    morph(document.getElementById("parts"), fresh.getElementById("parts"));
  } catch {
    // The line says by itself when it is back, and then everything is looked at again.
  }
}

let pending = 0;
function lookSoon() {
  pending ||= setTimeout(() => {
    pending = 0;
    look();
  }, GATHER);
}

follow(main.dataset.live, { look: lookSoon, change: lookSoon, beat: () => {}, over: () => location.reload() });
setInterval(lookSoon, TIMES);
document.addEventListener("visibilitychange", () => document.hidden || lookSoon());
