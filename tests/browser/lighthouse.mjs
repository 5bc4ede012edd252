// Lighthouse on every page.  Without this test what it knows and axe does not
// (best practices, names of links, deprecated calls) could slip in.
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { finish, launch, ok } from "./check.mjs";
import { startMock } from "./mock.mjs";

const require = createRequire(new URL("lighthouse/", import.meta.url));
const { default: lighthouse } = await import(require.resolve("lighthouse"));

function freePort() {
	return new Promise((done) => {
		const server = createServer().listen(0, "127.0.0.1", () => {
			const { port } = server.address();
			server.close(() => done(port));
		});
	});
}

const port = await freePort();
const mock = await startMock();
const browser = await launch(process.env.JAIR_CHROMIUM,
	[`--remote-debugging-port=${port}`]);
const inside = { configured: true, loggedIn: true };

for (const [path, state] of [["/setup.html", {}], ["/", inside],
	["/login.html", { configured: true }], ["/welcome.html", inside],
	["/settings.html", inside], ["/status.html", {}]]) {
	mock.reset(state);
	const { lhr } = await lighthouse(mock.url + path, { port,
		logLevel: "error", output: "json",
		onlyCategories: ["accessibility", "best-practices"] });
	for (const { id, score, auditRefs } of Object.values(lhr.categories)) {
		const lost = auditRefs.map((ref) => lhr.audits[ref.id])
			.filter((audit) => audit.score !== null && audit.score < 1)
			.map((audit) => [audit.id, audit.title]);
		ok(score === 1, `lighthouse: ${path} ${id} ` +
			`${Math.round(score * 100)}`, lost);
	}
}
await browser.close();
await mock.close();
finish();
