// The script of the pages, which work without it too: times in the reader's form, a countdown that can be stopped; while a charge
// can be paid: the time left, waiting for the payment, copying, and paying with a wallet in the browser (WebLN). After a payment it
// reloads the page from the server. Its texts are in the page's `data-` attributes.
#pragma once
#include <string_view>

namespace lntpay {

inline constexpr std::string_view checkout_script = R"js(
const page = document.querySelector("main");
const texts = page.dataset;
const find = (id) => document.getElementById(id);
const pause = (ms) => new Promise((done) => setTimeout(done, ms));
const show = (id, use) => {
  const button = find(id);
  if (!button) return;
  button.hidden = false;
  button.onclick = use;
};

for (const time of document.querySelectorAll("time")) {
  time.textContent = new Date(time.dateTime).toLocaleString(document.documentElement.lang, { dateStyle: "long", timeStyle: "short" });
}
show("print", () => print());

if (texts.soon) {
  let left = Number(texts.afterS);
  const soon = find("soon");
  soon.hidden = false;
  const step = () => {
    soon.textContent = texts.soon.replace("{n}", left);
    if (left-- > 0) return;
    clearInterval(timer);
    if (texts.next) location.assign(texts.next);
    else location.reload();
  };
  const timer = setInterval(step, 1000);
  step();
  show("stay", () => {
    clearInterval(timer);
    soon.hidden = find("stay").hidden = true;
  });
}

if (texts.status) {
  const say = (text) => { find("said").textContent = text; };
  const ends = performance.now() + Number(texts.leftMs);
  const tick = () => {
    const left = Math.max(0, Math.round((ends - performance.now()) / 1000));
    const part = (seconds) => String(seconds % 60).padStart(2, "0");
    const hours = Math.floor(left / 3600);
    const clock = hours ? `${hours}:${part(Math.floor(left / 60))}:${part(left)}` : `${Math.floor(left / 60)}:${part(left)}`;
    find("left").textContent = left ? `${texts.in} ${clock}` : texts.over;
  };
  tick();
  setInterval(tick, 1000);

  const watch = async () => {
    for (;;) {
      try {
        const answer = await fetch(`${texts.status}?wait=25`);
        const seen = answer.ok ? await answer.json() : { status: "pending" };
        if (seen.status !== "pending" || answer.status === 404) return location.reload();
        if (!answer.ok) await pause(5000);
      } catch {
        await pause(2000);
      }
    }
  };
  watch();

  const invoice = find("invoice");
  const label = find("copy").textContent;
  show("copy", async () => {
    let done = texts.copied;
    try {
      await navigator.clipboard.writeText(invoice.textContent);
    } catch {
      find("more").open = true;
      getSelection().selectAllChildren(invoice);
      done = texts.selected;
    }
    find("copy").textContent = find("heard").textContent = done;
    await pause(2500);
    find("copy").textContent = label;
    find("heard").textContent = "";
  });

  const offer = () => {
    if (window.webln) show("wallet", pay);
  };
  const pay = async () => {
    try {
      await window.webln.enable();
      await window.webln.sendPayment(invoice.textContent);
      say(texts.sent);
    } catch (refused) {
      say(`${texts.unpaid} ${refused.message}`);
    }
  };
  offer();
  addEventListener("webln:ready", offer);
}
)js";

}  // namespace lntpay
