// Shown: what a notebook's cell shows, some parts of a whole model or one attention alone.

import { readModel } from "./engine.js";
import { mountAttention } from "./one_attention.js";
import { mount } from "./view.js";

// data: a model, as model_data.py writes it, or {attention: {query, key, value, mask, words}} -> {remove()}
export function show(element, data, options) {
  return data.attention ? mountAttention(element, data.attention) : mount(element, readModel(data), options);
}
