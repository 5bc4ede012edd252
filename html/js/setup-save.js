// The last step: what will be saved, said once more.
import { $, make, mark } from "./dom.js";
import { serviceNames } from "./connect.js";
import { change } from "./compare.js";
import { clean } from "./address.js";
import { count } from "./format.js";
import { text } from "./strings/index.js";
import { needsOwner, origin, titles } from "./setup-inside.js";

function row(label, ...content) {
	return make("div", {}, make("dt", {}, label),
		make("dd", {}, ...content));
}

function addressOf(service, values) {
	return { jellyfin: values.jellyfinUrl,
		jellyseerr: values.jellyseerrUrl,
		gemini: values.geminiModel }[service];
}

function serviceRow(service, values, outcome) {
	const state = outcome.kind === "wait" ?
		{ kind: "warn", word: text.save.untested } : outcome;
	const address = outcome.kind === "off" ? "" :
		addressOf(service, values);
	return row(text.connect.names[service],
		...(address ? [make("code", {}, address)] : []),
		make("span", { class: "state", "data-kind": state.kind },
			mark(state.kind), make("span", {}, state.word)));
}

function what(preview) {
	if (!preview)
		return [text.save.fresh];
	const people = count((preview.users || []).length, text.inside.people);
	const all = count(titles(preview), text.inside.titles);
	return [`${people}, ${all}`,
		make("span", { class: "more" }, origin(preview))];
}

// preview: of the archive that is restored, or null.
export function showSave(preview, values, outcome) {
	$("save-rows").replaceChildren(
		row(text.save.history, ...what(preview)),
		...serviceNames.map((service) =>
			serviceRow(service, values, outcome[service])));
	const old = clean(preview?.config?.jellyfinUrl || "");
	$("save-change").replaceChildren(
		...(old && old !== values.jellyfinUrl ?
			[change(old, values.jellyfinUrl, text.connect.oldAddress,
				text.connect.whyAddress)] : []));
	$("save-owner").hidden = !(preview && needsOwner(preview));
}
