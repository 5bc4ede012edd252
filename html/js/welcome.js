// After the first login: how the history comes back, and what came.
import { $, focusOn } from "./dom.js";
import { begin, title, words } from "./frame.js";
import { came, follow, followTitles, jobTrouble, resultOf, showJob,
	wayParts } from "./job.js";
import { forget, kept } from "./keep.js";
import { text } from "./strings/index.js";
import { explain, showTrouble } from "./trouble.js";

const id = kept("jair.restore");
let job = { state: "queued" };
let trouble = null;

function show() {
	const ended = !/^(queued|running)$/.test(job.state);
	$("way").hidden = ended;
	$("done").hidden = job.state !== "done";
	$("unknown").hidden = job.state !== "unknown";
	$("failed").hidden = job.state !== "failed";
	showTrouble($("trouble"), trouble && trouble());
	if (!ended)
		showJob($("way"), job, text.welcome.coming);
	if (job.state === "done") {
		const parts = resultOf(job);
		$("nothing").hidden = parts.length > 0;
		$("back-text").hidden = !came(job);
		$("result").replaceChildren(...parts);
	}
	title(job.state === "done" ? text.welcome.back : text.welcome.title);
}

function end(state) {
	job = state;
	show();
	const part = { done: "done", failed: "trouble", unknown: "unknown" };
	const box = $(part[state.state]);
	focusOn(box.querySelector("h2") || box);
}

async function watch() {
	const last = await follow(id, (now, why) => {
		job = now && !/^(done|failed)$/.test(now.state) ? now : job;
		trouble = why;
		show();
	});
	trouble = null;
	if (last.state === "done") {
		end(last);
		await followTitles(last, show);
	} else if (last.state === "failed") {
		trouble = () => jobTrouble(last, text.welcome.failed);
		end(last);
	} else if (last.answer.status === 401) {
		location.replace("/login.html#expired");
	} else if (last.answer.status === 404) {
		forget("jair.restore");
		end({ state: "unknown" });
	} else {
		trouble = () => explain(last.answer);
		end({ state: "failed" });
	}
}

$("way").prepend(...wayParts());
words($("way"));
begin(show);
// Seen: from now on the first page is the first page again.
for (const link of document.querySelectorAll(".seen"))
	link.addEventListener("click", () => forget("jair.restore"));
if (id)
	watch();
else
	end({ state: "unknown" });
