// The page's beginning: the translator is read from the page, and what can be looked at is put into it.
//
// An address may end with what is to be shown first, as page.html#sentence=Der Hund schläft.&parts=map,residual

import { readModel } from "./engine.js";
import { mount } from "./view.js";

const place = document.getElementById("page") ?? document.body;
const asked = new URLSearchParams(location.hash.slice(1));
try {
  const model = readModel(JSON.parse(document.getElementById("model").textContent));
  const sentence = asked.get("sentence") ?? undefined;
  mount(place, model, { sentence, parts: asked.get("parts")?.split(",") ?? null });
} catch (error) {
  place.textContent = error.message;
  throw error;
}
