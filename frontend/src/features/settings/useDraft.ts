import { useEffect, useEffectEvent, useRef, useState } from "react";
import { onLeaving } from "@/api/leaving";

/** What was entered and is not saved yet. */
export interface Draft<Value> {
  /** Null when everything is saved. It stays while it is being saved, and when it is refused. */
  value: Value | null;
  enter: (value: Value) => void;
  /** Saves it now. */
  settle: () => void;
}

/** Holds what is entered until it is saved: by `settle`, or when its field or the page goes away. */
export function useDraft<Value>(save: (value: Value) => Promise<boolean>): Draft<Value> {
  const [value, setValue] = useState<Value | null>(null);
  const unsent = useRef<Value | null>(null);

  const enter = (entered: Value) => {
    unsent.current = entered;
    setValue(entered);
  };
  const settle = async () => {
    const sent = unsent.current;
    if (sent === null) return;
    unsent.current = null;
    if (await save(sent)) setValue((now) => (now === sent ? null : now));
    else unsent.current ??= sent;
  };
  const settleLatest = useEffectEvent(() => void settle());
  useEffect(() => {
    const forget = onLeaving(settleLatest);
    return () => {
      forget();
      settleLatest();
    };
  }, []);
  return { value, enter, settle: () => void settle() };
}
