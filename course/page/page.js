// The page's beginning: the translator is read from the page, and what can be looked at is put into it.

import { readModel } from "./engine.js";
import { mount } from "./view.js";

const place = document.getElementById("page") ?? document.body;
try {
  mount(place, readModel(JSON.parse(document.getElementById("model").textContent)));
} catch (error) {
  place.textContent = error.message;
  throw error;
}
