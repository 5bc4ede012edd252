// A large file on the real server.  Without this test a household with a long
// history might see no progress, not be able to stop, or never get through.
import { closeSync, mkdtempSync, openSync, readdirSync, rmSync, statSync,
	writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { finish, ok, until } from "./check.mjs";
import { browser, leave, startServer, startServices, state, visit }
	from "./household.mjs";
import { chooseFile, says, visible } from "./flows.mjs";

const en = (await import("../../html/js/strings/en.js")).default;
const MIB = 1024 * 1024;
const size = Number(process.env.JAIR_LARGE_MIB || 210) * MIB;
const folder = mkdtempSync(join(tmpdir(), "jair-large-"));
const file = join(folder, "backup_latest.json");

// One person whose movies fill the file.
function writeLarge() {
	const fd = openSync(file, "w");
	const item = (id) => JSON.stringify({ tmdb_id: id, title: `Movie ${id}`,
		media_type: "movie", overview: "Long ago, far away. ".repeat(150),
		added_at: "2025-01-01T00:00:00.000Z" });
	let written = writeSync(fd, '{"version":"2.0.3",\n"users":[' +
		'{"username":"jesse","data":{"movies":[\n');
	let count = 0;
	while (written < size) {
		const some = Array.from({ length: 300 }, () => item(++count));
		written += writeSync(fd, `${count > 300 ? ",\n" : ""}` +
			some.join(",\n"));
	}
	writeSync(fd, '\n],"series":[],"watchlist":{"movies":[],"series":[]},' +
		'"do_not_recommend":[]}}]}\n');
	closeSync(fd);
	return count;
}

/* What an upload left in the data folder, its lock aside, which stays. */
const uploads = (server) => readdirSync(server.data, { recursive: true })
	.filter((name) => /upload/.test(name) && name !== ".jair.upload" &&
		statSync(join(server.data, name)).isFile());
const percent = async (page) => parseInt(await page.textContent(
	"#progress-percent"), 10);

const count = writeLarge();
const services = await startServices();
const server = await startServer(services);
const page = await visit(server, "/setup.html");
await visible(page, "#start");

// The line is slow: it is held, but for moments.
server.hold("nginx");
await chooseFile(page, file);
ok(await says(page, "#progress-title", en.start.sending),
	"large: on its way");
ok(await until(async () => {
	await server.pulse("nginx", 4);
	return (await percent(page)) > 0;
}, 30) && (await percent(page)) < 100,
"large: the progress is that of the line", await percent(page));
ok(/MB of \d+ MB/.test(await page.textContent("#progress-bytes")) ||
	/of 1(\.1)? GB/.test(await page.textContent("#progress-bytes")),
"large: in bytes", await page.textContent("#progress-bytes"));
await state(page, "upload");
await page.click("#progress-cancel");
ok(await visible(page, "#start"), "large: cancelled");
server.letGo("nginx");
ok(await until(() => uploads(server).length === 0),
	"large: nothing of it stays on the server", uploads(server));
await page.reload();
ok(await visible(page, "#start") && await page.isHidden("#start-ready"),
	"large: nothing waits");

// A reload while it is on its way: asked about, and nothing is left.
server.hold("nginx");
await page.click("h1");
await chooseFile(page, file);
await says(page, "#progress-title", en.start.sending);
const question = page.waitForEvent("dialog");
const reloaded = page.reload();
const asked = await question;
ok(asked.type() === "beforeunload", "large: a reload is asked about");
await asked.accept();
server.letGo("nginx");
await reloaded;
ok(await visible(page, "#start") &&
	await until(() => uploads(server).length === 0),
"large: and leaves nothing on the server", uploads(server));

// Now for good.
const seen = new Set();
await chooseFile(page, file);
ok(await until(async () => {
	seen.add(await page.textContent("#progress-title"));
	return page.isVisible("#inside");
}, 120), "large: sent and checked", [...seen]);
ok([...seen].some((title) => title === en.start.checking),
	"large: the check shows itself", [...seen]);
ok(await says(page, "#inside-people",
	new Intl.NumberFormat("en-GB").format(count)), "large: every title",
await page.textContent("#inside-people"));
await page.click("#inside-other");
ok(await visible(page, "#start") &&
	await until(() => uploads(server).length === 0),
"large: forgotten when another is wanted", uploads(server));
ok(page.faults.length === 0, "large: no fault", page.faults);
await leave(page);
await server.close();
await browser.close();
await services.close();
rmSync(folder, { recursive: true });
finish();
