import { expect, test } from "vitest";
import { codecsFor } from "./codecs";

test.each([
  "localhost",
  "app.localhost",
  "127.0.0.1",
  "[::1]",
  "10.1.2.3",
  "172.16.0.9",
  "172.31.255.1",
  "192.168.1.20",
  "169.254.3.4",
  "[fd12:3456::1]",
  "[fe80::1]",
  "nas.local",
])("offers only plain samples to %s", (host) => {
  expect(codecsFor(host)).toEqual(["pcm_s16le"]);
});

test.each(["example.com", "172.32.0.1", "11.0.0.1", "8.8.8.8", "[2001:db8::1]", "10.example.com"])(
  "prefers Opus for %s",
  (host) => {
    expect(codecsFor(host)).toEqual(["opus", "pcm_s16le"]);
  },
);
