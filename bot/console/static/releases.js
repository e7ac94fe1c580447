// A release whose trials are being asked: how far they are, until they are through.
import "./base.js";
import { morph } from "./morph.js";
import { fragments } from "./server.js";

const PAUSE = 1500; // ms between two looks

async function look() {
  const here = document.getElementById("release");
  if (!here?.dataset.running) return; // nothing moves any more
  if (!document.hidden) {
    try {
      const fresh = await fragments(here.dataset.running, "look");
      morph(here, fresh.getElementById("release"));
    } catch {
      // The next look will do.
    }
  }
  setTimeout(look, PAUSE);
}

for (const link of document.querySelectorAll(".no-script")) link.hidden = true;
look();
