// Who else is at the open conversation, and that we are: said again and again, so that it ends with the page.
import { morph } from "./morph.js";
import { fragments, post } from "./server.js";

const TICK = 1000; // ms
const AGAIN = { looking: 10_000, typing: 4000 }; // ms; the server forgets after two of them
const TYPED = 5000; // ms after the last key
const LOOK = 5000; // ms between two looks while somebody is there: typing ends without anybody saying so

export function attend(openId, csrf) {
  let told = { id: "", doing: "", at: 0 };
  let typed = 0;
  let looked = 0;

  async function tell(id, doing) {
    try {
      await post(`/console/inbox/${id}/here`, { csrf, doing }, "look");
    } catch {
      told.at = 0; // the line says that there is no connection; this is said again with the next tick
    }
  }

  function tick() {
    const id = document.hidden ? "" : openId();
    const doing = id && Date.now() - typed < TYPED ? "typing" : id && "looking";
    if (told.id && told.id !== id) tell(told.id, "");
    if (told.id !== id) typed = 0;
    const again = id && Date.now() - told.at > AGAIN[doing];
    if (id && (told.id !== id || told.doing !== doing || again)) {
      told = { id, doing, at: Date.now() };
      tell(id, doing);
    } else if (!id) told = { id: "", doing: "", at: 0 };
    if (id && document.querySelector("#others .other") && Date.now() - looked > LOOK) heard(id);
  }

  async function heard(id) {
    if (id !== openId()) return;
    looked = Date.now();
    try {
      const fresh = (await fragments(`/console/inbox/${id}/people`, "look")).getElementById("others");
      const shown = document.getElementById("others");
      if (fresh && shown && id === openId()) morph(shown, fresh);
    } catch {
      // It went to another team, or the connection is lost: the list's own refresh says which.
    }
  }

  document.addEventListener("input", (event) => {
    if (!event.target.closest("#composer textarea")) return;
    typed = Date.now();
    if (told.doing !== "typing") tick();
  });
  addEventListener("pagehide", () => {
    if (told.id) navigator.sendBeacon(`/console/inbox/${told.id}/here`, new URLSearchParams({ csrf, doing: "" }));
  });
  setInterval(tick, TICK);
  return { heard };
}
