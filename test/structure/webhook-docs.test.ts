import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { AuditEvent } from '../../shared/contracts/schemas/audit-event.ts';
import { answersChallenge } from '../../shared/domain/outbox/webhook.ts';
import { signedMessage } from '../../shared/outbound/sign-webhook.ts';

const text = readFileSync('docs/webhooks.md', 'utf8');
const snippet = (language: string): string => new RegExp(`\`\`\`${language}\\n(.+?)\`\`\``, 's').exec(text)?.[1] ?? '';
// In a directory beside the tests, where the TypeScript example finds its import.
const directory = mkdtempSync(join(import.meta.dirname, 'snippet-'));
afterAll(() => rmSync(directory, { recursive: true }));

const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const other = `whsec_${Buffer.alloc(32, 8).toString('base64')}`;
const delivery = {
  id: 'dlv_a',
  payload: '{"type":"license.refused","timestamp":"2027-01-31T09:30:00.000Z","data":{"id":"ä"}}',
};
const now = Date.now();
const sent = (secrets: string[], at = now) => signedMessage(delivery, secrets, at);
const good = sent([secret]);

/** The requests that a receiver with `secret` may get, and whether it must accept them. */
const cases = [
  { what: 'what was signed with its secret', accepted: true, ...good },
  { what: 'one of two secrets, after a rotation', accepted: true, ...sent([other, secret]) },
  { what: 'the same, before it', accepted: true, ...sent([secret, other]) },
  { what: 'nearly five minutes late', accepted: true, ...sent([secret], now - 240_000) },
  { what: 'another secret', accepted: false, ...sent([other]) },
  { what: 'another body', accepted: false, ...good, body: good.body.replace('ä', 'b') },
  { what: 'another id', accepted: false, ...good, headers: { ...good.headers, 'webhook-id': 'dlv_b' } },
  {
    what: 'another time',
    accepted: false,
    ...good,
    headers: { ...good.headers, 'webhook-timestamp': String(Math.floor(now / 1000) + 9) },
  },
  {
    what: 'a signature cut short',
    accepted: false,
    ...good,
    headers: { ...good.headers, 'webhook-signature': good.headers['webhook-signature']!.slice(0, -1) },
  },
  { what: 'no signature', accepted: false, ...good, headers: { ...good.headers, 'webhook-signature': '' } },
  { what: 'ten minutes old', accepted: false, ...sent([secret], now - 600_000) },
  { what: 'ten minutes from now', accepted: false, ...sent([secret], now + 600_000) },
];
/** Messages, and the answer to each. */
const challenge = 'pVf3Qm0yJb7sT1x9KcZ2uWn4RaLdEh6G';
const messages = [delivery.payload, JSON.stringify({ type: 'webhook.challenge', data: {}, challenge })];
const expectAnswers = ([toEvent, toChallenge]: string[]) => {
  expect(toEvent).toBe('');
  expect(answersChallenge(toChallenge as string, challenge)).toBe(true);
};
const expected = cases.map(({ what, accepted }) => ({ what, accepted }));

const isInstalled = (command: string, version: string) => spawnSync(command, [version]).status === 0;
/** Runs a program that reads the cases and messages. Returns the cases that it accepts, and its answers to the messages. */
const verdicts = (command: string, args: string[], options: { cwd?: string } = {}) => {
  const input = JSON.stringify({ secret, cases, messages });
  const { stdout, stderr } = spawnSync(command, args, { input, encoding: 'utf8', ...options });
  if (stderr) throw new Error(stderr);
  const { accepted, answers } = JSON.parse(stdout) as { accepted: boolean[]; answers: string[] };
  expectAnswers(answers);
  return cases.map(({ what }, index) => ({ what, accepted: accepted[index] }));
};

describe('the receivers in docs/webhooks.md accept this service’s signatures, by either of two secrets, and no others', () => {
  it('in TypeScript', async () => {
    const file = join(directory, 'verified.ts');
    writeFileSync(file, snippet('ts'));
    const { verified, answer } = await import(file);
    expectAnswers(messages.map((message) => answer(JSON.parse(message))));
    const accepts = ({ headers, body }: (typeof cases)[number]) => {
      try {
        return verified(secret, headers, body).data.id === 'ä';
      } catch {
        return false;
      }
    };
    expect(cases.map((one) => ({ what: one.what, accepted: accepts(one) }))).toEqual(expected);
  });

  it.skipIf(!isInstalled('python3', '--version'))('in Python', () => {
    const file = join(directory, 'verified.py');
    writeFileSync(
      file,
      `${snippet('python')}
import sys
given = json.load(sys.stdin)
def accepts(one):
    try:
        return verified(given["secret"], one["headers"], one["body"].encode())["data"]["id"] == "ä"
    except ValueError:
        return False
print(json.dumps({
    "accepted": [accepts(one) for one in given["cases"]],
    "answers": [answer(json.loads(message)) for message in given["messages"]],
}))
`,
    );
    expect(verdicts('python3', [file])).toEqual(expected);
  });

  it.skipIf(!isInstalled('go', 'version'))('in Go', () => {
    const module = join(directory, 'go');
    mkdirSync(module);
    writeFileSync(join(module, 'go.mod'), 'module verify\n\ngo 1.19\n');
    writeFileSync(join(module, 'verify.go'), `package main\n\n${snippet('go')}`);
    writeFileSync(
      join(module, 'main.go'),
      `package main

import (
	"encoding/json"
	"os"
)

func main() {
	var given struct {
		Secret string
		Cases  []struct {
			Headers map[string]string
			Body    string
		}
		Messages []string
	}
	if err := json.NewDecoder(os.Stdin).Decode(&given); err != nil {
		panic(err)
	}
	accepted := []bool{}
	for _, one := range given.Cases {
		header := one.Headers
		err := verify(given.Secret, header["webhook-id"], header["webhook-timestamp"], header["webhook-signature"], []byte(one.Body))
		accepted = append(accepted, err == nil)
	}
	answers := []string{}
	for _, message := range given.Messages {
		answered, err := answer([]byte(message))
		if err != nil {
			panic(err)
		}
		answers = append(answers, answered)
	}
	json.NewEncoder(os.Stdout).Encode(map[string]any{"accepted": accepted, "answers": answers})
}
`,
    );
    expect(verdicts('go', ['run', '.'], { cwd: module })).toEqual(expected);
  });
});

describe('docs/webhooks.md', () => {
  it('shows a message as it is sent', () => {
    const [, shown = '{}'] = /```http\n[^`]+\n\n({[^\n]+})\n```/.exec(text) ?? [];
    const { type, timestamp, data } = JSON.parse(shown);
    const { organizationId, ...event } = data;
    expect(AuditEvent.strict().parse(event)).toEqual(event);
    expect({ type, timestamp }).toEqual({ type: event.action, timestamp: event.at });
    expect(organizationId).toMatch(/^org_/);
  });
});
