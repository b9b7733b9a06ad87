// Behaviour shared by all pages. Handlers are delegated, so what htmx brings later needs no binding.

const on = (type, selector, handler) =>
  document.addEventListener(type, (event) => {
    const target = event.target.closest?.(selector);
    if (target) handler(event, target);
  });

const year = 31536000;
const remember = (name, value) => {
  document.cookie = `${name}=${value}; path=/; max-age=${value ? year : 0}; samesite=lax`;
};

// Theme: switched at once, remembered in a cookie that the server reads (so that no page flashes).
on("click", "[data-theme-form] button[name=theme]", (event, button) => {
  event.preventDefault();
  const theme = button.value;
  if (theme) document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
  remember("theme", theme);
  document.querySelectorAll("[data-theme-form] button[name=theme]").forEach((each) => {
    if (each.value === theme) each.setAttribute("aria-current", "true");
    else each.removeAttribute("aria-current");
  });
});

on("click", "[data-menu-narrow]", () => {
  const root = document.documentElement;
  const narrow = root.dataset.menu !== "narrow";
  if (narrow) root.dataset.menu = "narrow";
  else delete root.dataset.menu;
  remember("menu", narrow ? "narrow" : "");
});

// Tabs and places that are wider than the screen begin at the chosen one.
const showChosenTabs = () =>
  document.querySelectorAll(":is(.tabs, .places) [aria-current]").forEach((tab) => {
    const bar = tab.closest(".tabs, .places"), at = tab.getBoundingClientRect(), frame = bar.getBoundingClientRect();
    bar.scrollLeft += at.left + at.width / 2 - frame.left - frame.width / 2;
  });
showChosenTabs();
document.addEventListener("htmx:afterSettle", showChosenTabs);

// Dialogs.
on("click", "[data-opens]", (event, button) => {
  const dialog = document.getElementById(button.dataset.opens);
  if (!dialog) return;
  event.preventDefault();
  button.closest("[popover]")?.hidePopover();
  dialog.showModal();
});
on("click", "[data-closes]", (event, button) => button.closest("dialog")?.close());
on("click", "dialog", (event, dialog) => {
  if (event.target !== dialog) return;
  const box = dialog.getBoundingClientRect();
  const inside = event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
  if (!inside) dialog.close();
});

// Confirm by typing the object's name.
on("input", "[data-confirm-word]", (event, input) => {
  input.form.querySelector("button[type=submit]").disabled = input.value.trim() !== input.dataset.confirmWord;
});

// A plain question before a one-button form.
on("submit", "form", (event, form) => {
  const question = event.submitter?.dataset.ask;
  if (question && !window.confirm(question)) event.preventDefault();
});

// No double submit: the second press of the same form does nothing for a while.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post" || form.hasAttribute("data-repeat")) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "1";
  event.submitter?.classList.add("is-busy");
  setTimeout(() => release(form), 8000);
});
const release = (form) => {
  delete form.dataset.sent;
  form.querySelectorAll(".is-busy").forEach((button) => button.classList.remove("is-busy"));
};
window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach(release));
document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.target.closest?.("form");
  if (form) release(form);
});

// Copy fields.
on("click", "[data-copy]", async (event, button) => {
  await navigator.clipboard.writeText(button.dataset.copy);
  const use = button.querySelector("use");
  const before = use?.getAttribute("href");
  button.classList.add("is-done");
  use?.setAttribute("href", before.replace(/#.*/, "#check"));
  setTimeout(() => {
    button.classList.remove("is-done");
    use?.setAttribute("href", before);
  }, 1600);
});

// Toasts: good news goes by itself, bad news stays until closed.
const arrange = (toast) => {
  if (toast.dataset.arranged) return;
  toast.dataset.arranged = "1";
  if (!toast.matches(".toast-error, .toast-warning")) setTimeout(() => toast.remove(), 7000);
};
const arrangeAll = () => document.querySelectorAll("[data-toast]").forEach(arrange);
on("click", "[data-dismiss]", (event, button) => button.closest("[data-toast]").remove());

// Server says X-Toast (htmx): HX-Trigger: {"toast": {"level": "success", "text": "..."}}
document.addEventListener("toast", (event) => {
  const { level = "info", text = "" } = event.detail ?? {};
  const toast = document.createElement("div");
  toast.className = `toast toast-${level}`;
  toast.dataset.toast = "";
  const words = document.createElement("span");
  words.textContent = text;
  toast.append(document.createElement("span"), words);
  document.getElementById("toasts")?.append(toast);
  arrange(toast);
});
document.addEventListener("htmx:responseError", () => {
  document.dispatchEvent(new CustomEvent("toast", { detail: { level: "error", text: document.documentElement.lang === "de" ? "Das hat nicht geklappt. Bitte noch einmal versuchen." : "That did not work. Please try again." } }));
});

// Forms that send themselves, things that show and hide others.
on("change", "[data-autosubmit]", (event, form) => form.requestSubmit());
on("change", "[data-toggle]", (event, input) => {
  const group = input.type === "radio" ? document.querySelectorAll(`[name="${CSS.escape(input.name)}"][data-toggle]`) : [input];
  group.forEach((each) => {
    const target = document.getElementById(each.dataset.toggle);
    if (target) target.hidden = !each.checked;
  });
});

// A picker beside the field that it fills, and the other way round.
const mirrors = (id) => document.querySelector(`[data-mirrors="${CSS.escape(id)}"]`);
on("input", "[data-mirrors]", (event, picker) => {
  const field = document.getElementById(picker.dataset.mirrors);
  field.value = picker.value;
  field.dispatchEvent(new Event("input", { bubbles: true }));
});
on("input", "input[id]", (event, field) => {
  const picker = /^#[0-9a-f]{6}$/i.test(field.value) && mirrors(field.id);
  if (picker) picker.value = field.value;
});

// File drop.
const named = (input) => {
  const words = input.closest("[data-drop]")?.querySelector(".drop-files");
  if (words) words.textContent = [...input.files].map((file) => file.name).join(", ");
};
on("change", "[data-drop] input[type=file]", (event, input) => named(input));
["dragover", "dragleave", "drop"].forEach((type) =>
  on(type, "[data-drop]", (event, drop) => drop.classList.toggle("is-over", type === "dragover")),
);

// Countdown: "in 20 seconds" until an ISO time.
const tickCountdowns = () => {
  document.querySelectorAll("[data-countdown]").forEach((element) => {
    const seconds = Math.max(0, Math.round((new Date(element.dataset.countdown) - Date.now()) / 1000));
    element.textContent = `${seconds} s`;
  });
};
if (document.querySelector("[data-countdown]")) setInterval(tickCountdowns, 1000);

// Menus: close after a choice; place them where the browser cannot anchor.
on("click", "[data-menu-list] a, [data-menu-list] button:not([type=submit])", (event, item) => item.closest("[popover]").hidePopover());
if (!CSS.supports("position-area: block-end")) {
  document.addEventListener("toggle", (event) => {
    const list = event.target;
    if (event.newState !== "open" || !list.matches("[data-menu-list]")) return;
    const button = document.querySelector(`[popovertarget="${list.id}"]`).getBoundingClientRect();
    const left = Math.min(button.left, window.innerWidth - list.offsetWidth - 8);
    list.style.left = `${Math.max(8, left)}px`;
    list.style.top = `${Math.min(button.bottom, window.innerHeight - list.offsetHeight - 8)}px`;
  }, true);
}
document.addEventListener("toggle", (event) => {
  const list = event.target;
  if (list.matches?.("[data-menu-list]") && event.newState === "open") list.querySelector("input:not([type=hidden]), select, a, button")?.focus({ preventScroll: true });
}, true);
on("keydown", "[data-menu-list]", (event, list) => {
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  const items = [...list.querySelectorAll("a, button")];
  if (!items.includes(document.activeElement)) return;
  event.preventDefault();
  const step = event.key === "ArrowDown" ? 1 : -1;
  items[(items.indexOf(document.activeElement) + step + items.length) % items.length].focus();
});

const settle = () => {
  arrangeAll();
  document.querySelector("[data-focus]:not([data-sample] *)")?.focus();
  document.querySelectorAll("dialog[data-open]").forEach((dialog) => dialog.open || dialog.showModal());
};
settle();
document.addEventListener("htmx:afterSettle", arrangeAll);
document.documentElement.dataset.ready = "1";
