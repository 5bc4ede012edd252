// Gemini's list of models, as tests need it (see lib.mjs).
import { serve } from './lib.mjs';

const model = (name, methods = ['generateContent', 'countTokens']) => ({
	name: `models/${name}`, version: '001', displayName: name,
	inputTokenLimit: 1048576, outputTokenLimit: 65536,
	supportedGenerationMethods: methods });

const state = () => ({
	key: 'AIzaSyTestKeyOfTheMock-0123456789_abcdef',
	models: [model('gemini-2.5-flash'), model('gemini-2.5-pro'),
		model('text-embedding-004', ['embedContent'])],
	forbidden: false,
});

const error = (code, status, message, details = []) => ({ status: code,
	json: { error: { code, message, status, details } } });

function refuse(s) {
	if (s.forbidden)
		return error(403, 'PERMISSION_DENIED', 'Permission denied.');
	return error(400, 'INVALID_ARGUMENT', 'API key not valid. Please pass ' +
		'a valid API key.', [{ '@type':
		'type.googleapis.com/google.rpc.ErrorInfo',
	reason: 'API_KEY_INVALID', domain: 'googleapis.com' }]);
}

function handle(req, s) {
	// A key in a URL ends up in logs: here it is never right.
	if (req.query.has('key') || req.headers['x-goog-api-key'] !== s.key ||
	    s.forbidden)
		return refuse(s);
	if (req.path === '/v1beta/models')
		return { json: { models: s.models } };
	const found = s.models.find((m) => req.path === `/v1beta/${m?.name}`);
	return found ? { json: found } :
		error(404, 'NOT_FOUND', `${req.path} is not found.`);
}

serve({ name: 'GEMINI', state, handle, judged: () => null });
