import { create } from "zustand";

export interface Toast {
  id: number;
  kind: "note" | "problem";
  text: string;
}

interface Toasts {
  toasts: readonly Toast[];
  show(kind: Toast["kind"], text: string): void;
  dismiss(id: number): void;
}

/** A note can be missed; a problem must be there long enough to be read. */
const SHOWN_MS = { note: 3500, problem: 9000 } as const;

let lastId = 0;

/** Short messages at the foot of the page. */
export const useToasts = create<Toasts>()((set, get) => ({
  toasts: [],
  show(kind, text) {
    lastId += 1;
    const id = lastId;
    // The same words again replace themselves, they do not pile up.
    const others = get().toasts.filter((toast) => toast.text !== text);
    set({ toasts: [...others, { id, kind, text }].slice(-3) });
    setTimeout(() => get().dismiss(id), SHOWN_MS[kind]);
  },
  dismiss(id) {
    set({ toasts: get().toasts.filter((toast) => toast.id !== id) });
  },
}));

/** Say that something went well. */
export const note = (text: string) => useToasts.getState().show("note", text);

/** Say that something went wrong. */
export const problem = (text: string) => useToasts.getState().show("problem", text);
