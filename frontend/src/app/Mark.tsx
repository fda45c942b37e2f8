/** The letter R, its leg a thread that runs on: a rhapsode stitches songs. The drawing of `public/favicon.svg`. */
export function Mark() {
  return (
    <svg width="22" height="24" viewBox="12 11 41 43" fill="none" aria-hidden focusable="false">
      <path
        d="M16 50V15h10.5a10 10 0 0 1 0 20H16M26.5 35c5.5 0 6 15 12 15 5 0 5-9.5 10.5-9.5"
        stroke="var(--accent)"
        strokeWidth="4.6"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}
