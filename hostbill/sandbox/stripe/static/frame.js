/* Inside the frame: the fields, their checks, and the calls to the API with the publishable key. */
"use strict";

const form = document.getElementById("form");
const field = (id) => document.getElementById(id);
let settings = {};
let parentOrigin = "*";
let frozen = false;

const FIELDS = { card: ["number", "expiry", "cvc"], sepa_debit: ["iban", "owner"] };
const BRANDS = [[/^4/, "Visa"], [/^(5[1-5]|2[2-7])/, "Mastercard"], [/^3[47]/, "Amex"]];

function tell(message) { window.parent.postMessage(message, parentOrigin); }
function kind() { return form.querySelector("input[name=kind]:checked").value; }
function digits(id) { return field(id).value.replace(/\D/g, ""); }

function luhn(number) {
  let sum = 0;
  [...number].reverse().forEach((digit, place) => {
    const value = Number(digit) * (place % 2 ? 2 : 1);
    sum += value > 9 ? value - 9 : value;
  });
  return sum % 10 === 0;
}

const CHECKS = {
  number(value) {
    const number = value.replace(/\D/g, "");
    if (number.length < 12) return "Your card number is incomplete.";
    return luhn(number) ? "" : "Your card number is invalid.";
  },
  expiry(value) {
    const [month, year] = parts(value);
    if (!month || !year) return "Your card's expiration date is incomplete.";
    if (month < 1 || month > 12) return "Your card's expiration date is invalid.";
    const today = new Date();
    const past = year < today.getFullYear() || (year === today.getFullYear() && month < today.getMonth() + 1);
    return past ? "Your card's expiration year is in the past." : "";
  },
  cvc(value) { return value.replace(/\D/g, "").length < 3 ? "Your card's security code is incomplete." : ""; },
  iban(value) { return value.replace(/\s/g, "").length < 15 ? "Your IBAN is incomplete." : ""; },
  owner(value) { return value.trim() ? "" : "Your name is incomplete."; },
};

function parts(value) {
  const all = value.replace(/\D/g, "");
  if (all.length < 3) return [Number(all.slice(0, 2)), 0];
  const year = Number(all.slice(2));
  return [Number(all.slice(0, 2)), all.length === 4 ? 2000 + year : all.length === 6 ? year : 0];
}

function show(id) {
  const problem = CHECKS[id](field(id).value);
  field(id).setAttribute("aria-invalid", problem ? "true" : "false");
  field(id + "-error").textContent = problem;
  resize();
  return problem;
}

function check() {
  const problems = FIELDS[kind()].map((id) => [id, show(id)]).filter((pair) => pair[1]);
  if (!problems.length) return null;
  field(problems[0][0]).focus();
  return { type: "validation_error", code: "incomplete_" + problems[0][0], message: problems[0][1] };
}

function resize() {
  const height = Math.ceil(document.body.getBoundingClientRect().height);
  if (height) tell({ height });
}

function changed() {
  const complete = FIELDS[kind()].every((id) => !CHECKS[id](field(id).value));
  const empty = FIELDS[kind()].every((id) => !field(id).value);
  tell({ event: "change", detail: { complete, empty, collapsed: false, value: { type: kind() } } });
}

function dress(appearance) {
  const root = document.documentElement;
  const variables = (appearance || {}).variables || {};
  const names = { colorPrimary: "--primary", colorBackground: "--background", colorText: "--text", colorDanger: "--danger",
    colorTextSecondary: "--quiet", colorBorder: "--border", fontFamily: "--font", borderRadius: "--radius", fontSizeBase: "--size" };
  root.dataset.theme = (appearance || {}).theme === "night" ? "night" : "stripe";
  Object.entries(names).forEach(([name, property]) => {
    if (variables[name]) root.style.setProperty(property, variables[name]);
  });
}

async function api(method, path, values) {
  const body = new URLSearchParams(values);
  body.set("key", settings.key);
  const url = path + (method === "GET" ? "?" + body : "");
  try {
    const answer = await fetch(url, { method, body: method === "GET" ? undefined : body });
    const data = await answer.json();
    return data.error ? { error: data.error } : { intent: data };
  } catch (failure) {
    return { error: { type: "api_connection_error", message: "We could not reach the payment service. Please try again." } };
  }
}

function pathOf(secret) {
  const id = secret.split("_secret_")[0];
  return "/v1/" + (id.startsWith("seti_") ? "setup" : "payment") + "_intents/" + id;
}

function method(billing, prefix) {
  const values = { type: kind() };
  if (kind() === "card") {
    const [month, year] = parts(field("expiry").value);
    Object.assign(values, { "card[number]": digits("number"), "card[exp_month]": month, "card[exp_year]": year,
      "card[cvc]": digits("cvc") });
  } else {
    values["sepa_debit[iban]"] = field("iban").value.replace(/\s/g, "");
    billing = Object.assign({}, billing, { name: field("owner").value.trim() });
  }
  Object.entries(billing || {}).forEach(([name, value]) => {
    if (value && typeof value === "object") {
      Object.entries(value).forEach(([inner, text]) => { if (text) values[`billing_details[${name}][${inner}]`] = text; });
    } else if (value) values[`billing_details[${name}]`] = value;
  });
  if (!prefix) return values;
  const named = Object.entries(values).map(([name, value]) => {
    const [first, ...rest] = name.split("[");
    return [`${prefix}[${first}]` + rest.map((part) => "[" + part).join(""), value];
  });
  return Object.fromEntries(named);
}

function freeze(on) {
  frozen = on;
  form.querySelectorAll("input").forEach((input) => { input.readOnly = on; });
  form.setAttribute("aria-busy", on ? "true" : "false");
}

async function confirm(data) {
  const problem = check();
  if (problem) return { error: problem };
  freeze(true);
  const values = Object.assign(method(data.billing, "payment_method_data"), { client_secret: data.clientSecret });
  if (data.returnUrl) values.return_url = data.returnUrl;
  const outcome = await api("POST", pathOf(data.clientSecret) + "/confirm", values);
  freeze(false);
  return outcome;
}

async function createMethod(data) {
  const problem = check();
  if (problem) return { error: problem };
  const outcome = await api("POST", "/v1/payment_methods", method(data.billing_details, ""));
  return outcome.error ? outcome : { paymentMethod: outcome.intent };
}

async function init(data) {
  settings = data;
  document.documentElement.lang = data.locale && data.locale !== "auto" ? data.locale : "en";
  dress(data.appearance);
  let kinds = data.paymentMethodTypes || ["card"];
  if (data.clientSecret) {
    const { intent, error } = await api("GET", pathOf(data.clientSecret), { client_secret: data.clientSecret });
    if (error) return tell({ event: "loaderror", detail: { error } });
    kinds = intent.payment_method_types;
  }
  field("kinds").hidden = kinds.length < 2;
  if (!kinds.includes("card")) form.querySelector("input[value=sepa_debit]").checked = true;
  choose();
  tell({ event: "ready" });
}

function choose() {
  Object.keys(FIELDS).forEach((name) => { field(name).hidden = name !== kind(); });
  resize();
  changed();
}

function spaced(input) {
  if (input.id === "number") {
    const groups = /^3[47]/.test(digits("number")) ? /^(\d{0,4})(\d{0,6})(\d{0,5})/ : /^(\d{0,4})(\d{0,4})(\d{0,4})(\d{0,7})/;
    input.value = digits("number").match(groups).slice(1).filter(Boolean).join(" ");
    const brand = BRANDS.find((each) => each[0].test(digits("number")));
    field("brand").textContent = brand ? brand[1] : "";
  }
  if (input.id === "expiry") {
    let all = digits("expiry").slice(0, 6);
    if (/^[2-9]/.test(all)) all = "0" + all;
    input.value = all.length > 2 ? all.slice(0, 2) + " / " + all.slice(2) : all;
  }
}

window.addEventListener("message", async (message) => {
  if (message.source !== window.parent) return;
  const { id, action, data } = message.data || {};
  if (action === "init") { parentOrigin = message.origin; await init(data); }
  if (action === "appearance") { Object.assign(settings, data); dress(data.appearance); }
  if (action === "focus") field(FIELDS[kind()][0]).focus();
  if (action === "clear") { form.reset(); choose(); }
  if (action === "submit") { const error = check(); tell({ reply: id, result: error ? { error } : { selectedPaymentMethod: kind() } }); }
  if (action === "confirm" && !frozen) tell({ reply: id, result: await confirm(data) });
  if (action === "createPaymentMethod") tell({ reply: id, result: await createMethod(data) });
});

form.addEventListener("input", (event) => {
  if (event.target.name === "kind") return choose();
  if (event.target.selectionStart === event.target.value.length) spaced(event.target);
  if (field(event.target.id + "-error").textContent) show(event.target.id);
  changed();
});
form.addEventListener("focusout", (event) => { if (CHECKS[event.target.id] && event.target.value) show(event.target.id); });
form.addEventListener("focusin", () => tell({ event: "focus" }));
form.addEventListener("submit", (event) => event.preventDefault());
new ResizeObserver(resize).observe(document.body);
tell({ hello: true });
