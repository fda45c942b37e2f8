// A client as the JSON dialect's first users wrote it: one MP3 per sentence, played one after the other.
async ({ storyId, prompt }) => {
  const seen = { text: "", chunks: [], played: 0, failed: 0, events: [] };
  const queue = [];
  let playing = false;
  const process = async () => {
    if (playing || queue.length === 0) return;
    const item = queue.shift();
    playing = true;
    try {
      const binary = atob(item.audio);
      const bytes = new Uint8Array(binary.length);
      for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
      const url = URL.createObjectURL(new Blob([bytes], { type: "audio/mpeg" }));
      const audio = new Audio(url);
      audio.playbackRate = 8;
      await new Promise((resolve) => {
        audio.onended = () => { seen.played += 1; resolve(); };
        audio.onerror = () => { seen.failed += 1; resolve(); };
        audio.play();
      });
      URL.revokeObjectURL(url);
    } finally {
      playing = false;
      setTimeout(process, 100);
    }
  };
  const response = await fetch(`/api/stories/${storyId}/scenes/generate-with-tts-stream`, {
    method: "POST",
    headers: { "Content-Type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({ custom_prompt: prompt, enable_tts_stream: "true" }),
  });
  if (!response.ok) throw new Error("Failed to start generation");
  const { session_id, websocket_url } = await response.json();
  const socket = new WebSocket(websocket_url);
  await new Promise((resolve, reject) => {
    socket.onmessage = (event) => {
      const data = JSON.parse(event.data);
      seen.events.push(data.type);
      if (data.type === "connected") seen.session = data.session_id === session_id;
      if (data.type === "text_chunk") seen.text += data.text;
      if (data.type === "audio_chunk") {
        seen.chunks.push([data.sentence_number, data.sentence_text, data.format]);
        queue.push(data);
        process();
      }
      if (data.type === "generation_complete") { seen.complete = data; resolve(); }
      if (data.type === "error") reject(new Error(data.message));
    };
    socket.onerror = () => reject(new Error("WebSocket connection error"));
  });
  while (seen.played + seen.failed < seen.chunks.length) await new Promise((r) => setTimeout(r, 50));
  return seen;
}
