/* The sandbox's stand-in for Stripe.js v3: window.Stripe with the calls HostBill uses. Card fields live in a frame of the
   sandbox, so that no card number ever touches the page. */
(function () {
  "use strict";

  const origin = new URL(document.currentScript.src).origin;
  let counter = 0;

  class Emitter {
    constructor() { this.listeners = {}; }
    on(name, listener) { (this.listeners[name] = this.listeners[name] || []).push(listener); return this; }
    once(name, listener) {
      const wrapped = (event) => { this.off(name, wrapped); listener(event); };
      return this.on(name, wrapped);
    }
    off(name, listener) {
      this.listeners[name] = (this.listeners[name] || []).filter((each) => listener && each !== listener);
      return this;
    }
    emit(name, event) { (this.listeners[name] || []).slice().forEach((listener) => listener(event)); }
  }

  class PaymentElement extends Emitter {
    constructor(elements, type, options) {
      super();
      this.elements = elements;
      this.type = type;
      this.options = options || {};
      this.waiting = {};
      this.loaded = new Promise((resolve) => { this.markLoaded = resolve; });
      this.receive = this.receive.bind(this);
    }

    mount(target) {
      const place = typeof target === "string" ? document.querySelector(target) : target;
      if (!place) throw new Error("IntegrationError: the element to mount on does not exist: " + target);
      this.place = place;
      this.frame = document.createElement("iframe");
      this.frame.src = origin + "/element";
      this.frame.title = "Secure payment input frame";
      this.frame.setAttribute("allow", "payment *");
      this.frame.setAttribute("scrolling", "no");
      this.frame.style.border = "0";
      this.frame.style.display = "block";
      this.frame.style.width = "100%";
      this.frame.style.height = "180px";
      this.dress();
      window.addEventListener("message", this.receive);
      place.replaceChildren(this.frame);
      return this;
    }

    dress() {
      // The same scheme as inside, or the browser gives the frame an opaque background.
      const night = (this.elements.options.appearance || {}).theme === "night";
      this.frame.style.colorScheme = night ? "dark" : "light";
    }

    receive(message) {
      if (!this.frame || message.source !== this.frame.contentWindow || message.origin !== origin) return;
      const data = message.data || {};
      if (data.hello) this.post({ action: "init", data: this.elements.settings() });
      if (data.height) this.frame.style.height = data.height + "px";
      if (data.event === "ready") this.markLoaded();
      if (data.event) this.emit(data.event, Object.assign({ elementType: "payment" }, data.detail));
      if (data.reply && this.waiting[data.reply]) {
        this.waiting[data.reply](data.result);
        delete this.waiting[data.reply];
      }
    }

    post(message) { this.frame.contentWindow.postMessage(message, origin); }

    ask(action, data) {
      const id = ++counter;
      return this.loaded.then(() => new Promise((resolve) => {
        this.waiting[id] = resolve;
        this.post({ id, action, data });
      }));
    }

    update(options) { Object.assign(this.options, options); return this; }
    focus() { this.post({ action: "focus" }); return this; }
    blur() { if (this.frame) this.frame.blur(); return this; }
    clear() { this.post({ action: "clear" }); return this; }
    collapse() { return this; }
    unmount() {
      window.removeEventListener("message", this.receive);
      if (this.frame) this.frame.remove();
      this.frame = null;
      this.loaded = new Promise((resolve) => { this.markLoaded = resolve; });
      return this;
    }
    destroy() { this.unmount(); this.elements.element = null; }
  }

  class Elements {
    constructor(key, options) { this.key = key; this.options = options || {}; this.element = null; }
    settings() {
      const { clientSecret, appearance, locale, mode, paymentMethodTypes } = this.options;
      return { key: this.key, clientSecret, appearance, locale, mode, paymentMethodTypes };
    }
    create(type, options) {
      if (!["payment", "card"].includes(type)) throw new Error("IntegrationError: the sandbox has no element " + type);
      if (this.element) throw new Error("IntegrationError: can only create one Element of type " + type);
      this.element = new PaymentElement(this, type, options);
      return this.element;
    }
    getElement() { return this.element; }
    update(options) {
      Object.assign(this.options, options);
      if (this.element && this.element.frame) this.element.dress();
      if (this.element && this.element.frame) this.element.post({ action: "appearance", data: this.settings() });
    }
    fetchUpdates() { return Promise.resolve({}); }
    submit() {
      if (!this.element) return Promise.resolve({ error: { type: "validation_error", message: "No element is mounted." } });
      return this.element.ask("submit", {});
    }
  }

  async function api(key, method, path, values) {
    const body = new URLSearchParams(Object.entries(values).filter((pair) => pair[1] !== undefined && pair[1] !== null));
    body.set("key", key);
    const url = origin + path + (method === "GET" ? "?" + body : "");
    try {
      const answer = await fetch(url, { method, body: method === "GET" ? undefined : body, credentials: "omit" });
      const data = await answer.json();
      return data.error ? { error: data.error } : { intent: data };
    } catch (failure) {
      return { error: { type: "api_connection_error", message: "We could not reach the payment service. Please try again." } };
    }
  }

  function pathOf(clientSecret) {
    const id = String(clientSecret).split("_secret_")[0];
    const kind = id.startsWith("seti_") ? "setup" : "payment";
    return { kind, path: "/v1/" + kind + "_intents/" + id };
  }

  function wrapped(kind, outcome) {
    if (outcome.error) return { error: outcome.error };
    return kind === "setup" ? { setupIntent: outcome.intent } : { paymentIntent: outcome.intent };
  }

  function goingAway(url) {
    window.location.assign(url);
    return new Promise(() => {});
  }

  function returnAddress(kind, intent, returnUrl) {
    const url = new URL(returnUrl, window.location.href);
    url.searchParams.set(kind + "_intent", intent.id);
    url.searchParams.set(kind + "_intent_client_secret", intent.client_secret);
    url.searchParams.set("redirect_status", "succeeded");
    return url.href;
  }

  function authenticate(action, returnUrl) {
    if (action.type === "redirect_to_url") return goingAway(action.redirect_to_url.url);
    const url = new URL(action.use_stripe_sdk.stripe_js);
    url.searchParams.set("return_url", returnUrl || window.location.href);
    return goingAway(url.href);
  }

  function settle(kind, outcome, redirect, returnUrl) {
    const intent = outcome.intent;
    if (outcome.error) return wrapped(kind, outcome);
    if (intent.status === "requires_action" && intent.next_action) return authenticate(intent.next_action, returnUrl);
    if (redirect === "if_required" || !returnUrl) return wrapped(kind, outcome);
    return goingAway(returnAddress(kind, intent, returnUrl));
  }

  async function confirm(key, options) {
    const elements = options.elements;
    const params = options.confirmParams || {};
    const clientSecret = options.clientSecret || (elements && elements.options.clientSecret);
    if (!clientSecret) throw new Error("IntegrationError: a clientSecret is needed to confirm.");
    const { kind, path } = pathOf(clientSecret);
    const returnUrl = params.return_url && new URL(params.return_url, window.location.href).href;
    if (elements && elements.element) {
      const billing = (params.payment_method_data || {}).billing_details;
      const outcome = await elements.element.ask("confirm", { clientSecret, returnUrl, billing });
      return settle(kind, outcome, options.redirect, returnUrl);
    }
    const values = { client_secret: clientSecret, payment_method: params.payment_method, return_url: returnUrl };
    return settle(kind, await api(key, "POST", path + "/confirm", values), options.redirect, returnUrl);
  }

  async function retrieve(key, clientSecret) {
    const { kind, path } = pathOf(clientSecret);
    return { kind, outcome: await api(key, "GET", path, { client_secret: clientSecret }) };
  }

  function Stripe(key, stripeOptions) {
    if (!/^pk_/.test(key || "")) throw new Error("IntegrationError: Stripe() needs a publishable key.");
    const locale = (stripeOptions || {}).locale;
    const card = (secret, data) => confirm(key, {
      clientSecret: secret,
      redirect: "if_required",
      confirmParams: { payment_method: (data || {}).payment_method, return_url: (data || {}).return_url },
    });
    return {
      elements: (options) => new Elements(key, Object.assign({ locale }, options)),
      confirmPayment: (options) => confirm(key, options),
      confirmSetup: (options) => confirm(key, options),
      confirmCardPayment: card,
      confirmCardSetup: card,
      retrievePaymentIntent: async (secret) => wrapped("payment", (await retrieve(key, secret)).outcome),
      retrieveSetupIntent: async (secret) => wrapped("setup", (await retrieve(key, secret)).outcome),
      createPaymentMethod: (options) => options.elements.element.ask("createPaymentMethod", options.params || {}),
      handleNextAction: async ({ clientSecret }) => {
        const { kind, outcome } = await retrieve(key, clientSecret);
        return settle(kind, outcome, "if_required", undefined);
      },
    };
  }

  Stripe.version = 3;
  window.Stripe = Stripe;
})();
