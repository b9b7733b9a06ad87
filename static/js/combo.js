// Select with search: a combobox in front of a <select data-combo>, which keeps the value and goes with the form.

const MOST = 60;
const PAUSE = 120; // milliseconds without a letter before the server is asked
const bare = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLocaleLowerCase();
const words = (select) => ({ none: select.dataset.none ?? "", more: select.dataset.more ?? "" });

class Combo {
  constructor(select) {
    this.select = select;
    this.input = document.createElement("input");
    this.list = document.createElement("ul");
    this.box = document.createElement("div");
    this.build();
    this.show(this.chosen());
    this.listen();
  }

  build() {
    const { select, input, list, box } = this;
    box.className = "combo";
    Object.assign(input, { type: "text", className: "input", id: `${select.id}-search`, autocomplete: "off", spellcheck: false, required: select.required, disabled: select.disabled });
    const described = ["aria-describedby", "aria-invalid", "aria-label"];
    described.forEach((name) => select.hasAttribute(name) && input.setAttribute(name, select.getAttribute(name)));
    Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": `${select.id}-list` }).forEach(([name, value]) => input.setAttribute(name, value));
    Object.assign(list, { id: `${select.id}-list`, className: "combo-list", hidden: true });
    list.setAttribute("role", "listbox");
    const label = document.querySelector(`label[for="${CSS.escape(select.id)}"]`);
    if (label) {
      label.htmlFor = input.id;
      list.setAttribute("aria-label", label.textContent.trim());
    }
    select.before(box);
    box.append(input, list, select);
    const wanted = select.autofocus || document.activeElement === select;
    select.required = false;
    select.hidden = true;
    if (wanted) input.focus();
  }

  listen() {
    const { input, list } = this;
    input.addEventListener("focus", () => input.select());
    input.addEventListener("click", () => this.open());
    input.addEventListener("input", () => this.open(input.value));
    input.addEventListener("keydown", (event) => this.key(event));
    input.addEventListener("blur", () => this.close());
    list.addEventListener("mousedown", (event) => event.preventDefault());
    list.addEventListener("click", (event) => {
      const item = event.target.closest("[role=option]");
      if (item) this.choose(item);
    });
    this.select.form?.addEventListener("reset", () => setTimeout(() => this.show(this.chosen())));
  }

  chosen() {
    return this.select.selectedOptions[0];
  }

  show(option) {
    this.input.value = option?.value ? option.label.trim() : "";
    this.input.placeholder = option?.value ? "" : (option?.label ?? "").trim();
  }

  // Where objects are too many for the page, the server is asked while one types; only the newest answer counts.
  async ask(text) {
    const asked = (this.asked = Symbol("asked"));
    if (text) await new Promise((go) => setTimeout(go, PAUSE));
    if (asked !== this.asked) return false;
    const address = new URL(this.select.dataset.find, location.href);
    address.searchParams.set("find", text);
    const answer = await fetch(address).then((response) => (response.ok ? response.json() : null)).catch(() => null);
    if (asked !== this.asked) return false;
    this.asked = null;
    this.more = answer?.more ?? false;
    const kept = [...this.select.options].filter((option) => !option.value || option.selected);
    this.fresh = (answer?.rows ?? []).map(([key, label, note]) => {
      const option = kept.find((old) => old.value === key) ?? new Option(label, key);
      option.dataset.note = note;
      return option;
    });
    this.select.replaceChildren(...new Set([...kept, ...this.fresh]));
    return true;
  }

  // The options that hold every word typed, those that begin with it first.
  found(text) {
    if (this.select.dataset.find && text) return this.fresh;
    const parts = bare(text).split(/\s+/).filter(Boolean);
    const all = [...this.select.options].filter((option) => !option.disabled);
    const hits = all.filter((option) => parts.every((part) => bare(option.label).includes(part)));
    return parts.length ? hits.sort((a, b) => bare(b.label).startsWith(parts[0]) - bare(a.label).startsWith(parts[0])) : all;
  }

  async open(text = "") {
    if (this.select.dataset.find && !(await this.ask(text))) return;
    const hits = this.found(text);
    this.list.replaceChildren(...hits.slice(0, MOST).map((option, place) => this.item(option, place)));
    const { none, more } = words(this.select);
    if (!hits.length) this.list.append(this.line(none));
    else if (hits.length > MOST || this.more) this.list.append(this.line(more.replace("%d", hits.length - MOST)));
    this.list.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
    const current = [...this.list.children].findIndex((item) => item.dataset.value === this.select.value);
    this.point(text ? 0 : Math.max(current, 0));
  }

  item(option, place) {
    const item = document.createElement("li");
    item.id = `${this.list.id}-${place}`;
    item.dataset.value = option.value;
    item.setAttribute("role", "option");
    item.setAttribute("aria-selected", String(option.selected));
    item.textContent = option.label.trim() || "–";
    if (option.dataset.note) {
      const note = document.createElement("span");
      note.className = "second";
      note.textContent = option.dataset.note;
      item.append(note);
    }
    return item;
  }

  line(text) {
    const line = document.createElement("li");
    line.className = "combo-line";
    line.setAttribute("role", "presentation");
    line.textContent = text;
    return line;
  }

  options() {
    return [...this.list.querySelectorAll("[role=option]")];
  }

  point(place) {
    const options = this.options();
    options.forEach((item, at) => item.classList.toggle("is-at", at === place));
    const item = options[place];
    if (item) {
      this.input.setAttribute("aria-activedescendant", item.id);
      item.scrollIntoView({ block: "nearest" });
    } else this.input.removeAttribute("aria-activedescendant");
  }

  key(event) {
    const options = this.options();
    const at = options.findIndex((item) => item.classList.contains("is-at"));
    const moves = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + 8, PageUp: at - 8 };
    if (event.key in moves) {
      event.preventDefault();
      if (this.list.hidden) this.open();
      else this.point(Math.min(Math.max(moves[event.key], 0), options.length - 1));
    } else if (event.key === "Enter" && this.asked) {
      event.preventDefault();
    } else if (event.key === "Enter" && !this.list.hidden && options[at]) {
      event.preventDefault();
      this.choose(options[at]);
    } else if (event.key === "Escape" && !this.list.hidden) {
      event.preventDefault();
      event.stopPropagation();
      this.close();
    }
  }

  choose(item) {
    this.select.value = item.dataset.value;
    this.show(this.chosen());
    this.select.dispatchEvent(new Event("input", { bubbles: true }));
    this.select.dispatchEvent(new Event("change", { bubbles: true }));
    this.close();
  }

  // What was typed without choosing is dropped; an emptied box chooses nothing where that is allowed.
  close() {
    this.asked = null;
    if (!this.input.value.trim() && [...this.select.options].some((option) => !option.value)) this.select.value = "";
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
    this.show(this.chosen());
  }
}

// A text field that finds objects of the server becomes such a select; without script it is sent as it was typed.
const pick = (place) => {
  const [key, typed] = place.querySelectorAll("input");
  const select = document.createElement("select");
  Object.assign(select, { id: typed.id, name: key.name });
  ["aria-invalid", "aria-describedby"].forEach((name) => typed.hasAttribute(name) && select.setAttribute(name, typed.getAttribute(name)));
  Object.assign(select.dataset, { combo: "", find: place.dataset.pick, none: place.dataset.none, more: place.dataset.more });
  select.add(new Option(place.dataset.any, ""));
  if (key.value) select.add(new Option(typed.value, key.value, true, true));
  place.removeAttribute("data-pick");
  place.replaceChildren(select);
};

const bindAll = () => {
  document.querySelectorAll("[data-pick]").forEach(pick);
  document.querySelectorAll("select[data-combo]:not([hidden])").forEach((select) => new Combo(select));
};
bindAll();

// A filter that was not understood is shown with what is wrong.
const wrong = document.querySelector(".filter-form input[aria-invalid='true']");
wrong?.closest("[popover]")?.showPopover();
wrong?.focus();

document.addEventListener("htmx:afterSettle", bindAll);
