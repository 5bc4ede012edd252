// The step that shows what an archive holds.
import { $, chip, make, mark, put } from "./dom.js";
import { bytes, count, fill, moment, number } from "./format.js";
import { foreign } from "./said.js";
import { text } from "./strings/index.js";

const integrityKind = { ok: "ok", absent: "off", changed: "warn" };
const counted = ["movies", "series", "watchlist", "blocked", "profiles"];

function numbers(user) {
	return {
		movies: user.movies || 0, series: user.series || 0,
		watchlist: (user.watchlistMovies || 0) +
			(user.watchlistSeries || 0),
		blocked: user.blocked || 0,
		profiles: Number(Boolean(user.movieProfile)) +
			Number(Boolean(user.tvProfile)),
		unresolved: user.unresolved || 0,
	};
}

export function titles(preview) {
	return (preview.users || []).reduce((sum, user) => {
		const n = numbers(user);
		return sum + n.movies + n.series + n.watchlist + n.blocked +
			n.unresolved;
	}, 0);
}

// A file without names belongs to whoever is chosen.
export function needsOwner(preview) {
	return preview.format === "bare-data" ||
		(preview.users || []).some((user) => user.username === "");
}

export function origin(preview) {
	const t = text.inside;
	const when = preview.exportedAt ?
		fill(t.from, { when: moment(preview.exportedAt) }) : t.fromUnknown;
	const by = preview.generator ?
		fill(t.byProgram, { name: preview.generator }) : preview.version ?
		fill(t.by, { version: preview.version }) : t.forms[preview.format];
	return `${when}, ${by || t.byUnknown}.`;
}

function integrity(preview) {
	const kind = preview.integrity in integrityKind ?
		preview.integrity : "absent";
	return chip(integrityKind[kind], text.inside.integrity[kind]);
}

function person(user) {
	const n = numbers(user);
	const cell = (name) => make("td", { "data-name": text.inside[name],
		"data-none": n[name] === 0 }, number(n[name]));
	const extra = n.unresolved ? [make("small", {},
		count(n.unresolved, text.inside.unresolved))] : [];
	return make("tr", {}, make("th", { scope: "row" },
		user.username || text.inside.noName, ...extra),
	...counted.map(cell));
}

function table(users) {
	const head = (name) => make("th", { scope: "col" }, text.inside[name]);
	return make("table", { class: "people" },
		make("caption", { class: "unseen" }, text.inside.caption),
		make("thead", {}, make("tr", {}, head("person"),
			...counted.map(head))),
		make("tbody", {}, ...users.map(person)));
}

function warnings(preview) {
	const all = preview.warnings || [];
	const total = preview.warningsTotal ?? all.length;
	if (!total)
		return [];
	const rows = all.map((warning) => make("li", {},
		make("code", {}, warning.where || ""),
		foreign(warning.message)));
	const rest = total - all.length;
	return [make("details", { class: "warnings" },
		make("summary", {}, count(total, text.inside.warnings)),
		...(preview.refused ? [make("p", { class: "soft" },
			count(preview.refused, text.inside.refused))] : []),
		make("ul", {}, ...rows),
		...(rest > 0 ? [make("p", { class: "soft" },
			count(rest, text.inside.moreWarnings))] : []))];
}

function config(preview) {
	const c = preview.config || {};
	const t = text.connect.fields;
	const rows = Object.keys(t).filter((name) => c[name])
		.map((name) => make("div", {}, make("dt", {}, t[name]),
			make("dd", {}, make("code", {},
				c[name].replace(/^\*+/, "••••")))));
	if (!rows.length)
		return [make("p", { class: "soft" }, text.inside.noConfig)];
	return [make("h3", {}, text.inside.config), make("dl",
		{ class: "pairs" }, ...rows),
	make("p", { class: "help" }, text.inside.keysStay)];
}

function facts(preview) {
	const users = preview.users || [];
	return [integrity(preview),
		chip("", count(users.length, text.inside.people)),
		chip("", count(titles(preview), text.inside.titles)),
		...(preview.size ? [chip("", bytes(preview.size))] : [])];
}

export function showInside(preview) {
	put($("inside-origin"), origin(preview));
	$("inside-facts").replaceChildren(...facts(preview));
	const users = preview.users || [];
	$("inside-people").replaceChildren(users.length ? table(users) :
		make("p", { class: "soft" }, text.inside.nobody));
	const open = $("inside-warnings").querySelector("details")?.open;
	$("inside-warnings").replaceChildren(...warnings(preview));
	if (open)
		$("inside-warnings").querySelector("details").open = true;
	$("inside-config").replaceChildren(...config(preview));
	const changed = preview.integrity === "changed";
	$("inside-changed").hidden = !changed;
	$("inside-changed-mark").replaceChildren(mark("warn"));
	$("inside-next").disabled = changed && !$("inside-accept").checked;
}
