/** What "Start a sample story" begins with. */
export const SAMPLE_STORY = {
  title: "The Keeper’s Door",
  premise:
    "Mara has kept the lighthouse at Saint Orrin alone for eleven years. Every lamp, stair and cupboard in it is known to her. Then, on a landing she climbs twice a night, there is a door.",
} as const;

/** The first prompt of the sample story. */
export const SAMPLE_PROMPT = "On the night of the first autumn storm, Mara finds the door.";
