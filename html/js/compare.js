// An address that changes: the old and the new side by side, and why it
// matters.
import { make } from "./dom.js";
import { text } from "./strings/index.js";

function side(label, address) {
	return make("div", {}, make("dt", {}, label),
		make("dd", {}, make("code", {}, address)));
}

// label: what the old one is; why: a sentence, or none.
export function change(old, now, label, why) {
	return make("div", { class: "change", "data-kind": "warn" },
		make("dl", {}, side(label, old),
			side(text.connect.newAddress, now)),
		...(why ? [make("p", {}, why)] : []));
}
