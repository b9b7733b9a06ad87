// The twin of pay.js for keeping a card without a payment: the gateway's own element, confirmed as a set-up.
const holder = document.getElementById("setup-element");
const form = document.getElementById("setup-form");

function loadScript(src) {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = src;
    script.onload = resolve;
    script.onerror = reject;
    document.head.append(script);
  });
}

function say(text) {
  const box = document.getElementById("setup-error");
  box.textContent = text;
  box.hidden = !text;
  if (text) box.focus();
}

function theme() {
  const chosen = document.documentElement.dataset.theme;
  const dark = chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  return dark ? "night" : "stripe";
}

async function start() {
  const { key, secret, script, returnUrl, failed } = holder.dataset;
  const button = form.querySelector("button[type=submit]");
  try {
    await loadScript(script);
  } catch {
    say(failed);
    return;
  }
  const stripe = window.Stripe(key);
  const elements = stripe.elements({ clientSecret: secret, appearance: { theme: theme() }, locale: document.documentElement.lang });
  const element = elements.create("payment");
  element.on("ready", () => {
    button.disabled = false;
    holder.removeAttribute("aria-busy");
  });
  element.mount(holder);

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (button.disabled) return;
    say("");
    button.disabled = true;
    button.setAttribute("aria-busy", "true");
    const { error } = await stripe.confirmSetup({ elements, confirmParams: { return_url: returnUrl }, redirect: "if_required" });
    if (error) {
      say(error.message);
      button.disabled = false;
      button.removeAttribute("aria-busy");
    } else {
      window.location.assign(returnUrl);
    }
  });
}

if (holder && form) start();
