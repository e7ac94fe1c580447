// Two phones: shows what the simulator tells by server-sent events, posts what the person does.
"use strict";

const words = document.getElementById("words").dataset;
const lang = document.documentElement.lang;
const clock = new Intl.DateTimeFormat(lang, { hour: "2-digit", minute: "2-digit" });
const TAGS = new Set(["B", "I", "U", "S", "CODE", "PRE", "BLOCKQUOTE", "A", "BR"]);
const LINKS = /^(https?|mailto|tel):/i;
const phones = {};

async function post(name, body) {
  const answer = await fetch("/control/" + name, {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
  });
  const result = await answer.json();
  if (!answer.ok) throw new Error(result.error);
  return result;
}

// Only known tags, only known schemes, no attributes but a checked href: whatever a bot sends, nothing runs.
function safe(html) {
  const copy = (from, to) => {
    for (const node of from.childNodes) {
      if (node.nodeType === Node.TEXT_NODE) to.append(node.data);
      else if (node.nodeType === Node.ELEMENT_NODE) {
        if (!TAGS.has(node.tagName)) { copy(node, to); continue; }
        const made = document.createElement(node.tagName);
        if (node.tagName === "A" && LINKS.test(node.getAttribute("href") || "")) {
          made.href = node.getAttribute("href");
          made.target = "_blank";
          made.rel = "noopener noreferrer";
        }
        copy(node, made);
        to.append(made);
      }
    }
    return to;
  };
  return copy(new DOMParser().parseFromString(html, "text/html").body, document.createDocumentFragment());
}

class Phone {
  constructor(section) {
    this.platform = section.dataset.platform;
    section.append(document.getElementById("phone").content.cloneNode(true));
    const $ = (selector) => section.querySelector(selector);
    Object.assign(this, {
      people: new Map(), chosen: "", editing: "", section,
      who: $(".who"), chat: $(".chat"), state: $(".state"), hint: $(".hint"), text: $("textarea"), block: $(".block"), commands: $(".commands"),
    });
    $("h2").id = this.platform + "-title";
    $("h2").textContent = words[this.platform] + " – " + words.bot;
    this.chat.setAttribute("aria-labelledby", this.platform + "-title");
    this.text.id = this.platform + "-text";
    $(".write label").htmlFor = this.text.id;
    $(".expire").hidden = this.platform !== "whatsapp";
    this.who.addEventListener("change", () => this.choose(this.who.value));
    $(".new").addEventListener("click", () => this.invite());
    $(".write").addEventListener("submit", (event) => { event.preventDefault(); this.send(); });
    this.text.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); this.send(); }
    });
    section.querySelectorAll("[data-send]").forEach((button) =>
      button.addEventListener("click", () => this.act("send", { what: button.dataset.send })));
    $(".own").addEventListener("change", (event) => this.sendFile(event.target));
    this.block.addEventListener("click", () => this.act("block", { blocked: !this.person().blocked }));
    $(".expire").addEventListener("click", () => this.act("expire", {}));
    $(".more").addEventListener("toggle", async () => this.menu((await (await fetch("/control/state")).json()).commands));
  }

  person() { return this.people.get(this.chosen); }

  async act(name, body) {
    this.say("");  // before the call: what the bot answers may be here before the call returns
    try {
      await post(name, { platform: this.platform, citizen: this.chosen, ...body });
    } catch (error) { this.say(words.failed + " " + error.message, true); }
  }

  say(text, bad = false) {
    this.hint.textContent = text;
    this.hint.hidden = !text;
    this.hint.classList.toggle("bad", bad);
  }

  async send() {
    const text = this.text.value.trim();
    const editing = this.editing;
    this.editing = "";
    this.text.value = "";
    this.say("");
    if (text) await this.act(editing ? "edit" : "say", editing ? { text, message: editing } : { text });
  }

  sendFile(input) {
    const [chosen] = input.files;
    if (!chosen) return;
    const reader = new FileReader();
    reader.addEventListener("load", () => {
      const content = reader.result.slice(reader.result.indexOf(",") + 1);
      const what = chosen.type.startsWith("image/") ? "photo" : "document";
      this.act("send", { what, file: { name: chosen.name, type: chosen.type, content } });
      input.value = "";
    });
    reader.readAsDataURL(chosen);
  }

  invite() {
    const dialog = document.getElementById("person");
    const form = dialog.querySelector("form");
    const field = (name) => form.elements.namedItem(name);
    form.reset();
    field("name").value = this.nextName();
    field("hidden").closest("label").hidden = this.platform !== "whatsapp";
    dialog.onclose = () => {
      if (dialog.returnValue === "ok") this.add(field("name").value, field("language").value, field("hidden").checked);
    };
    dialog.returnValue = "";
    dialog.showModal();
    field("name").select();
  }

  nextName() {
    const names = words.names.split("|");
    const used = new Set([...this.people.values()].map((person) => person.name));
    return names.find((name) => !used.has(name)) || names[0] + " " + (this.people.size + 1);
  }

  async add(name, language, hidden) {
    const made = await post("citizens", { platform: this.platform, name, language, hidden });
    this.meet(made.citizen, { name: made.name });
    this.choose(made.citizen);
    this.text.focus();
  }

  meet(citizen, state) {
    const person = this.people.get(citizen) || { citizen, lines: new Map(), fresh: 0 };
    this.people.set(citizen, Object.assign(person, state));
    let option = [...this.who.options].find((one) => one.value === citizen);
    if (!option) {
      option = new Option("", citizen);
      this.who.append(option);
    }
    option.textContent = person.name + (person.fresh ? ` (${person.fresh} ${words.fresh})` : "");
    if (!this.chosen) this.choose(citizen);
    return person;
  }

  choose(citizen) {
    this.chosen = this.who.value = citizen;
    this.editing = "";
    const person = this.person();
    person.fresh = 0;
    this.meet(citizen, {});
    this.chat.replaceChildren();
    for (const line of person.lines.values()) this.draw(line);
    this.status();
  }

  take(record) {
    const { lines, ...state } = record.now;
    const person = this.meet(record.citizen, state);
    const line = record.line;
    if (line) person.lines.set(line.by + line.id, line);
    if (record.citizen === this.chosen) {
      if (line) this.draw(line);
      this.status();
    } else if (record.what === "seen") {
      person.fresh += 1;
      this.meet(record.citizen, {});
    }
    if (record.what === "notice" && record.detail.text && record.citizen === this.chosen) this.say(record.detail.text);
  }

  status() {
    const person = this.person();
    clearTimeout(this.timer);
    if (person.typing) this.timer = setTimeout(() => { person.typing = false; this.status(); }, 6000);
    const minutes = Math.floor(person.window / 60);
    const open = person.window ? `${words.open} ${Math.floor(minutes / 60)} h ${minutes % 60} min` : words.shut;
    const idle = this.platform === "whatsapp" && person.lines.size ? open : words.online;
    this.state.textContent = person.blocked ? words.blocked : person.typing ? words.typing : idle;
    this.block.setAttribute("aria-pressed", String(Boolean(person.blocked)));
    if (!person.lines.size && !this.chat.firstChild) {
      const empty = document.createElement("div");
      empty.className = "empty";
      empty.textContent = words.empty;
      this.chat.append(empty);
    }
  }

  draw(line) {
    const item = document.getElementById("bubble").content.firstElementChild.cloneNode(true);
    const $ = (selector) => item.querySelector(selector);
    const own = line.by === "citizen";
    item.dataset.key = line.by + line.id;
    item.dataset.seq = line.seq;
    item.classList.toggle("own", own);
    if (own) {
      const plain = line.kind === "text";
      item.classList.toggle("event", !plain);
      $(".text").textContent = plain ? line.text : [words[line.kind], line.text].filter(Boolean).join(" ");
      if (this.platform === "whatsapp") {
        $(".ticks").textContent = line.read ? "✓✓" : "✓";
        $(".ticks").classList.toggle("read", line.read);
        $(".ticks").append(Object.assign(document.createElement("span"), { className: "unseen", textContent: line.read ? words.read : words.sent }));
      }
      if (plain) $(".edit").addEventListener("click", () => this.edit(line)); else $(".edit").remove();
    } else {
      $(".text").append(safe(line.html));
      $(".edit").remove();
      this.buttons($(".buttons"), line);
    }
    $(".footer").textContent = line.footer || "";
    if (line.file) {
      const href = ["/control/files", this.platform, this.chosen, line.id].map(encodeURI).join("/");
      const link = Object.assign(document.createElement("a"), { href, download: "", textContent: line.file });
      $(".file").append(words.file + " ", link);
    }
    $(".edited").textContent = line.edited ? words.edited : "";
    $("time").textContent = clock.format(line.at * 1000);
    $("time").dateTime = new Date(line.at * 1000).toISOString();
    for (const part of item.querySelectorAll("p:empty, .buttons:empty")) part.remove();
    this.place(item);
  }

  place(item) {
    const old = this.chat.querySelector(`[data-key="${CSS.escape(item.dataset.key)}"]`);
    this.chat.querySelector(".empty")?.remove();
    const atEnd = this.chat.scrollHeight - this.chat.scrollTop - this.chat.clientHeight < 80;
    if (old) { old.replaceWith(item); return; }
    const later = [...this.chat.children].find((other) => Number(other.dataset.seq) > Number(item.dataset.seq));
    this.chat.insertBefore(item, later || null);
    if (atEnd || item.classList.contains("own")) this.chat.scrollTop = this.chat.scrollHeight;
  }

  buttons(place, line) {
    const press = (one) => this.act("press", { message: line.id, data: one.data });
    const make = (label, about, click) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = label;
      if (about) button.append(Object.assign(document.createElement("small"), { textContent: about }));
      button.addEventListener("click", click);
      return button;
    };
    if (line.menu) {
      place.append(make(line.menu, "", () => {
        const dialog = document.getElementById("rows");
        dialog.querySelector("h2").textContent = line.menu;
        dialog.querySelector(".buttons").replaceChildren(...line.buttons.map((one) =>
          make(one.label, one.about, () => { dialog.close(); press(one); })));
        dialog.showModal();
      }));
    } else {
      place.append(...line.buttons.map((one) => make(one.label, one.about, () => {
        if (!one.url) press(one);
        else if (LINKS.test(one.url)) window.open(one.url, "_blank", "noopener,noreferrer");
      })));
    }
  }

  edit(line) {
    this.editing = line.id;
    this.text.value = line.text;
    this.say(words.editing);
    this.text.focus();
  }

  menu(commands) {
    if (this.platform === "telegram") this.commands.replaceChildren(...commands.map((command) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = "/" + command.command;
      button.title = command.description;
      button.addEventListener("click", () => this.act("say", { text: "/" + command.command }));
      return button;
    }));
  }
}

function connect() {
  const link = document.getElementById("link");
  const source = new EventSource("/control/events");
  source.addEventListener("state", (event) => {
    link.textContent = words.connected;
    const state = JSON.parse(event.data);
    for (const { lines, ...citizen } of state.citizens) {
      const person = phones[citizen.platform].meet(citizen.citizen, citizen);
      person.lines = new Map(lines.map((line) => [line.by + line.id, line]));
    }
    for (const phone of Object.values(phones)) {
      if (phone.chosen) phone.choose(phone.chosen);
      else phone.add(phone.nextName(), lang, false);
    }
  });
  source.addEventListener("record", (event) => {
    const record = JSON.parse(event.data);
    phones[record.platform].take(record);
  });
  source.addEventListener("error", () => { link.textContent = words.lost; });
}

function trouble() {
  const form = document.getElementById("trouble");
  const told = document.getElementById("troubled");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const { platform, what, seconds, times } = Object.fromEntries(new FormData(form));
    const lost = what === "lost";
    if (what === "repeats") await post("misbehave", { platform, repeats: [2, 2] });
    else await post("faults", { platform, kind: lost ? "cut" : what, after: lost, seconds: Number(seconds), times: Number(times) });
    told.textContent = words.planned;
  });
  document.getElementById("calm").addEventListener("click", async () => {
    await post("calm", {});
    told.textContent = words.calmed;
  });
}

for (const section of document.querySelectorAll(".phone")) phones[section.dataset.platform] = new Phone(section);
trouble();
connect();
