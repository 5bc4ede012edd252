// The addresses and keys of the three services, and the test of them.  The
// wizard and the settings page both show it.
import { ask } from "./ask.js";
import { clean, sameHost, valid } from "./address.js";
import { change } from "./compare.js";
import { focusOn, make, mark } from "./dom.js";
import { isKey, isUrl, showField } from "./field.js";
import { text } from "./strings/index.js";
import { verdict } from "./verdict.js";

const services = {
	jellyfin: { fields: ["jellyfinUrl"] },
	jellyseerr: {
		fields: ["jellyseerrUrl", "jellyseerrApiKey"], later: true,
	},
	gemini: { fields: ["geminiApiKey", "geminiModel"], later: true },
};
export const serviceNames = Object.keys(services);
const models = ["gemini-2.5-flash-lite", "gemini-2.5-flash", "gemini-2.5-pro"];
// The original keeps the models of other providers in the same place.
const usable = (name, value) =>
	name === "geminiModel" && value.includes("/") ? "" : value;
const serviceOf = (name) => serviceNames.find((service) =>
	services[service].fields.includes(name));

// root: where to draw.  changed(): the person edited something.
// verify(values): ask the server; resolves to its answer.
export function connections(root, { changed, verify }) {
	const fields = {};	// name: {value, from, kept, home, error, parts}
	const results = {};	// service: what verdict.js says
	const boxes = {};
	const later = {};	// service: left for another day
	const edits = {};	// service: how often it was edited
	let before = { url: "", label: "" };	// Jellyfin's address so far
	let offered = models;
	let reuse = new Set();

	function edited(name) {
		const service = serviceOf(name);
		edits[service]++;
		results[service] = { kind: "wait" };
		fields[name].error = "";
		if (isUrl(name))
			reuse.delete(service);
		show();
		changed();
	}

	function buildText(name, id) {
		const input = make("input", {
			id, type: isKey(name) ? "password" : "text",
			inputmode: isUrl(name) ? "url" : null,
			autocomplete: "off", autocapitalize: "none",
			spellcheck: "false", "aria-describedby": `${id}-help`,
		});
		input.addEventListener("input", () => {
			fields[name].value = input.value;
			fields[name].from = "you";
			edited(name);
		});
		input.addEventListener("change", () => {
			const value = isUrl(name) ? clean(input.value) :
				input.value.trim();
			fields[name].value = value;
			input.value = value;
			show();
			changed();
		});
		return input;
	}

	function buildModel(id) {
		const select = make("select", {
			id, "aria-describedby": `${id}-help`,
		});
		const other = buildText("geminiModel", `${id}-other`);
		other.dataset.label = "connect.otherModel";
		other.hidden = true;
		select.addEventListener("change", () => {
			const own = select.value === "";
			other.hidden = !own;
			fields.geminiModel.value = own ? "" : select.value;
			fields.geminiModel.own = own;
			fields.geminiModel.from = "you";
			edited("geminiModel");
			if (own)
				other.focus();
		});
		return [select, other];
	}

	function buildField(name) {
		const id = `field-${name}`;
		const inputs = name === "geminiModel" ? buildModel(id) :
			[buildText(name, id)];
		const parts = {
			input: inputs[0], other: inputs[1],
			origin: make("span", { class: "origin" }),
			help: make("p", { class: "help", id: `${id}-help` }),
			error: make("p", { class: "field-error", id: `${id}-error` }),
		};
		fields[name] = { value: "", from: "", kept: "", home: "", parts };
		return make("div", { class: "field" },
			make("div", { class: "label" },
				make("label", { for: id,
					"data-text": `connect.fields.${name}` }),
				parts.origin),
			...inputs, parts.error, parts.help);
	}

	function buildLater(service) {
		const box = make("input", {
			type: "checkbox", id: `later-${service}` });
		box.addEventListener("change", () => {
			later[service] = box.checked;
			edited(services[service].fields[0]);
		});
		boxes[service].later = box;
		return make("label", { class: "check", for: box.id }, box,
			make("span", { "data-text": "connect.later" }));
	}

	function build(service) {
		const { fields: names, later: may } = services[service];
		edits[service] = 0;
		results[service] = { kind: "wait" };
		boxes[service] = {
			result: make("div", { class: "result", id: `result-${service}`,
				role: "status" }),
			fields: make("div", {}, ...names.map(buildField)),
			compare: make("div", {}),
		};
		return make("fieldset", { class: "service" },
			make("legend", { "data-text": `connect.names.${service}` }),
			may ? buildLater(service) : null,
			make("p", { class: "help",
				"data-text": `connect.why.${service}` }),
			boxes[service].fields,
			boxes[service].compare, boxes[service].result);
	}

	function showResult(service) {
		const box = boxes[service].result;
		const result = later[service] ? { kind: "off",
			word: text.connect.skipped } :
			verdict(service, results[service]);
		const key = JSON.stringify(result);
		if (box.dataset.shown === key)
			return;
		box.dataset.shown = key;
		box.dataset.kind = result.kind;
		box.replaceChildren(mark(result.kind), make("div", {},
			make("b", {}, result.word),
			...(result.more ? [" ", make("span", {
				lang: result.foreign && "en" }, result.more)] : []),
			...(result.act ? [make("p", {}, result.act)] : [])));
	}

	function showCompare() {
		const now = clean(fields.jellyfinUrl.value);
		const old = clean(before.url);
		boxes.jellyfin.compare.replaceChildren(
			...(old && now && old !== now ? [change(old, now,
				text.connect[before.label],
				text.connect.whyAddress)] : []));
	}

	function show() {
		for (const [name, field] of Object.entries(fields))
			showField(field, name, offered);
		for (const service of serviceNames) {
			boxes[service].fields.hidden = Boolean(later[service]);
			if (boxes[service].later)
				boxes[service].later.checked = Boolean(later[service]);
			showResult(service);
		}
		showCompare();
	}

	const isBare = (service) => services[service].later &&
		!services[service].fields.some((name) => name !== "geminiModel" &&
			(fields[name].value || fields[name].kept));

	// server: what this server has already; from: the words for where that
	// is from; archive: what the backup says; draft: what was typed here
	// before a reload.
	function load(server, archive, draft, from = "server") {
		before = from === "saved" ?
			{ url: server.jellyfinUrl || "", label: "oldSaved" } :
			{ url: archive?.jellyfinUrl || "", label: "oldAddress" };
		for (const [name, field] of Object.entries(fields)) {
			// What the server knows may be from the backup too.
			const own = server[name] && server[name] !== archive?.[name];
			const source = own || !archive ? server : archive;
			const given = usable(name, source[name] || "");
			field.from = !given ? "" : source === server ? from : "backup";
			field.kept = isKey(name) ? given : "";
			field.value = isKey(name) ? "" : given;
			field.home = source.jellyseerrUrl || "";
			if (draft && name in draft.values &&
			    draft.values[name] !== field.value) {
				field.value = draft.values[name];
				field.from = "you";
			}
			field.lost = draft?.typed.includes(name) && !field.value;
		}
		for (const service of serviceNames)
			later[service] = draft?.later.includes(service) ||
				(from === "saved" && isBare(service));
		if (fields.geminiModel.value && !offered.includes(fields.geminiModel.value))
			fields.geminiModel.own = true;
		else if (!fields.geminiModel.value)
			fields.geminiModel.value = offered[0];
		show();
	}

	// What may be remembered over a reload: never a key, no password in an
	// address.
	function draft() {
		const values = {};
		const typed = [];
		for (const [name, field] of Object.entries(fields)) {
			if (isKey(name) && (field.value || field.lost))
				typed.push(name);
			else if (!isKey(name) && !field.value.includes("@"))
				values[name] = field.value;
		}
		return { values, typed,
			later: serviceNames.filter((service) => later[service]) };
	}

	function values() {
		const out = {};
		for (const [name, field] of Object.entries(fields)) {
			const value = isUrl(name) ? clean(field.value) :
				field.value.trim() || field.kept;
			const skipped = later[serviceOf(name)];
			out[name] = skipped && name !== "geminiModel" ? "" : value;
		}
		if (reuse.size)
			out.reuseKey = [...reuse];
		return out;
	}

	function fieldError(name, sentence) {
		if (!fields[name])
			return false;
		fields[name].error = sentence;
		later[serviceOf(name)] = false;
		show();
		focusOn(fields[name].parts.input);
		return true;
	}

	// Whether everything is there that has to be; else say where not.
	function complete() {
		const now = values();
		const wrong = (name) => {
			if (later[serviceOf(name)])
				return "";
			if (!now[name])
				return text.connect.missing[name];
			return isUrl(name) && !valid(now[name]) ?
				text.connect.noAddress : "";
		};
		const bad = Object.keys(fields).filter(wrong);
		for (const name of Object.keys(fields))
			fields[name].error = wrong(name);
		show();
		if (bad.length)
			focusOn(fields[bad[0]].parts.input);
		return bad.length === 0;
	}

	function keyMoves() {
		const field = fields.jellyseerrApiKey;
		const url = clean(fields.jellyseerrUrl.value);
		return !later.jellyseerr && field.kept && !field.value &&
			field.home && url && !sameHost(field.home, url);
	}

	// A kept key goes to another address only when someone says so.
	async function settleKey(always) {
		if (reuse.has("jellyseerr") || !(always || keyMoves()))
			return true;
		const field = fields.jellyseerrApiKey;
		const yes = await ask({
			title: text.connect.reuseTitle,
			lines: [change(clean(field.home),
				clean(fields.jellyseerrUrl.value),
				text.connect.from[field.from]),
			text.connect.reuseText],
			yes: text.connect.reuseYes, no: text.connect.reuseNo,
		});
		if (yes)
			reuse.add("jellyseerr");
		else
			fieldError("jellyseerrApiKey", text.connect.reuseType);
		return yes;
	}

	// The server refused with a field: ask, or say it there.
	async function refused(answer) {
		if (answer.code === "key_moved" && !reuse.size)
			return await settleKey(true);
		fieldError(answer.field, text.errors[answer.code]?.what ||
			answer.error || text.connect.fieldRefused);
		return false;
	}

	// The address under which the service was found in the end.
	function takeAddress(name, { ok, url }) {
		if (ok && url && fields[name])
			fields[name].value = url;
	}

	// Ask about all three at once.  Returns the answer when it was no good.
	async function test() {
		if (!complete() || !await settleKey())
			return { stopped: true };
		const before = { ...edits };
		for (const service of serviceNames)
			results[service] = { kind: "work" };
		show();
		const answer = await verify(values());
		for (const service of serviceNames) {
			if (edits[service] !== before[service])
				continue;
			results[service] = answer.ok && answer.body[service] ||
				{ kind: "wait" };
			takeAddress(`${service}Url`, results[service]);
		}
		const more = answer.body.gemini?.models;
		if (Array.isArray(more) && more.length)
			offered = [...new Set([...more, ...models])];
		show();
		if (answer.status === 422 && answer.field &&
		    await refused(answer))
			return test();
		return answer;
	}

	// Each service: its state as kind and words.
	function outcome() {
		return Object.fromEntries(serviceNames.map((service) =>
			[service, later[service] ?
				{ kind: "off", word: text.connect.skipped } :
				verdict(service, results[service])]));
	}

	root.replaceChildren(...serviceNames.map(build));
	return { load, show, draft, values, complete, test, refused, outcome,
		fieldError, settleKey,
		lost: () => Object.keys(fields).filter((name) =>
			fields[name].lost && !fields[name].value &&
			!later[serviceOf(name)]) };
}
