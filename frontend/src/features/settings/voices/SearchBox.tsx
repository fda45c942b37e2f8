import { Search, X } from "lucide-react";
import { IconButton } from "@/components/Button";
import styles from "./SearchBox.module.css";

interface SearchBoxProps {
  inputRef: { current: HTMLInputElement | null };
  value: string;
  onChange: (search: string) => void;
  /** Arrow down or Enter: on to the voices. */
  onLeave: () => void;
}

/** What is to be found, with a way on to what was found. */
export function SearchBox({ inputRef, value, onChange, onLeave }: SearchBoxProps) {
  return (
    <div className={styles.search}>
      <Search size={16} aria-hidden />
      <input
        ref={inputRef}
        type="search"
        aria-label="Search voices"
        placeholder="Name or language"
        spellCheck={false}
        autoComplete="off"
        enterKeyHint="search"
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== "ArrowDown" && event.key !== "Enter") return;
          event.preventDefault();
          onLeave();
        }}
      />
      {value && (
        <IconButton
          label="Clear the search"
          onClick={() => {
            onChange("");
            inputRef.current?.focus();
          }}
        >
          <X size={16} aria-hidden />
        </IconButton>
      )}
    </div>
  );
}
