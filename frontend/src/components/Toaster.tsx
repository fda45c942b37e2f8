import { X } from "lucide-react";
import { IconButton } from "./Button";
import styles from "./Toaster.module.css";
import { useToasts } from "./toasts";

/** Shows the toasts. The region is always in the page, so that screen readers hear what enters it. */
export function Toaster() {
  const toasts = useToasts((state) => state.toasts);
  const dismiss = useToasts((state) => state.dismiss);
  return (
    <div className={styles.region} role="status" aria-live="polite">
      {toasts.map((toast) => (
        <div key={toast.id} className={styles.toast} data-kind={toast.kind}>
          <p>{toast.text}</p>
          <IconButton label="Dismiss" onClick={() => dismiss(toast.id)}>
            <X size={16} aria-hidden />
          </IconButton>
        </div>
      ))}
    </div>
  );
}
