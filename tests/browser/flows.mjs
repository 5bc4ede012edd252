// How a person goes through the pages.  The same against any server.
import { until } from "./check.mjs";

export const visible = (page, selector) =>
	until(() => page.isVisible(selector));

export const says = (page, selector, words) => until(async () =>
	(await page.textContent(selector)).replace(/\s+/g, " ").includes(words));

// A file as someone would choose it: bytes, or a path.
export async function chooseFile(page, file, input = "#file") {
	await page.setInputFiles(input, typeof file === "string" ? file :
		{ name: file.name, mimeType: "application/json",
			buffer: file.buffer });
}

export async function typeCode(page, code) {
	await visible(page, "#code");
	await page.fill("#code-input", code);
	await page.click("#code-send");
}

// From Start to What is inside.
export async function restoreFrom(page, file) {
	await visible(page, "#start");
	await chooseFile(page, file);
	return visible(page, "#inside");
}

export async function toConnections(page) {
	if (await page.isVisible("#inside-changed"))
		await page.check("#inside-accept");
	await page.click("#inside-next");
	return visible(page, "#connections");
}

// values: field names to text; a service named in `later` is left out.
export async function fillConnections(page, values, later = []) {
	await visible(page, "#connections");
	for (const service of later)
		await page.check(`#later-${service}`);
	for (const [name, value] of Object.entries(values)) {
		await page.fill(`#field-${name}`, value);
		await page.dispatchEvent(`#field-${name}`, "change");
	}
}

// Press Test, and wait until each service has its result.
export async function testConnections(page) {
	await page.click("#test");
	return until(async () => {
		const kinds = await page.$$eval(".result", (nodes) =>
			nodes.map((node) => node.dataset.kind));
		return kinds.every((kind) => /^(ok|bad|off|warn)$/.test(kind));
	}, 30);
}

export async function toSave(page) {
	await page.click("#connections-next");
	return visible(page, "#save");
}

// Save; a question is answered with yes when `anyway`.
export async function save(page, anyway = false) {
	await page.click("#save-send");
	if (anyway && await visible(page, "dialog[open]"))
		await page.click("dialog[open] button:last-child");
	await page.waitForURL("**/login.html*");
}

export async function login(page, name, password) {
	await visible(page, "#form");
	await page.fill("#username", name);
	await page.fill("#password", password);
	await page.click("#send");
}

// After a login that brings a history back: until it is there.
export async function welcomeBack(page, seconds = 60) {
	await page.waitForURL("**/welcome.html");
	return until(() => page.isVisible("#done"), seconds);
}
