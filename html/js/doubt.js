// The honest question before something is saved that did not pass its test.
import { serviceNames } from "./connect.js";
import { fill, list } from "./format.js";
import { text } from "./strings/index.js";

// Which services did not pass their test: the question before saving, or
// null when there is none to ask.  Where something is saved already, what was
// not edited needs no test.
export function doubt(outcome, saved) {
	const named = (kind) => serviceNames.filter((service) =>
		outcome[service].kind === kind)
		.map((service) => text.connect.names[service]);
	const bad = named("bad");
	const open = saved ? [] : named("wait");
	if (!bad.length && !open.length)
		return null;
	return {
		title: bad.length ? fill(text.save.askBad, { names: list(bad) }) :
			fill(text.save.askOpen, { names: list(open) }),
		lines: [outcome.jellyfin.kind === "ok" ? text.save.askLater :
			text.save.askJellyfin],
		yes: text.save.anyway, no: text.back,
	};
}
