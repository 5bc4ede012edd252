// The honest question before something is saved that did not pass its test.
import { serviceNames } from "./connect.js";
import { fill, list } from "./format.js";
import { text } from "./strings/index.js";

// Which services did not pass their test: the question before saving, or
// null when there is none to ask.  Where something is saved already, what was
// not edited needs no test.  That another Jellyfin answers than so far is asked
// about in any case.
export function doubt(outcome, saved) {
	const named = (kind) => serviceNames.filter((service) =>
		outcome[service].kind === kind)
		.map((service) => text.connect.names[service]);
	const bad = named("bad");
	const open = saved ? [] : named("wait");
	if (bad.length || open.length)
		return {
			title: bad.length ?
				fill(text.save.askBad, { names: list(bad) }) :
				fill(text.save.askOpen, { names: list(open) }),
			lines: [...(isOther(outcome) ?
				[text.connect.otherServer, text.connect.otherServerAct] :
				[]), /^(ok|warn)$/.test(outcome.jellyfin.kind) ?
				text.save.askLater : text.save.askJellyfin],
			yes: text.save.anyway, no: text.back,
		};
	return isOther(outcome) ? otherServer() : null;
}

export const isOther = (outcome) => outcome.jellyfin.kind === "warn";

export const otherServer = () => ({
	title: text.save.askOther, lines: [text.connect.otherServerAct],
	yes: text.save.anyway, no: text.back,
});
