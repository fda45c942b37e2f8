import type { ComponentProps, CSSProperties } from "react";
import styles from "./Range.module.css";

interface RangeProps extends Omit<ComponentProps<"input">, "type" | "value" | "onChange"> {
  min: number;
  max: number;
  value: number;
  onChange: (value: number) => void;
}

/** A slider; the part up to its thumb is filled. */
export function Range({ min, max, value, onChange, ...rest }: RangeProps) {
  const filled = { "--filled": `${((value - min) / (max - min)) * 100}%` } as CSSProperties;
  return (
    <input
      {...rest}
      type="range"
      className={styles.range}
      style={filled}
      min={min}
      max={max}
      value={value}
      onChange={(event) => onChange(event.currentTarget.valueAsNumber)}
    />
  );
}
