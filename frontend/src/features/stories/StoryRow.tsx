import { Ellipsis, Trash2 } from "lucide-react";
import { useState } from "react";
import { Link } from "react-router";
import { inWords } from "@/api/client";
import type { Story } from "@/api/types";
import { IconButton } from "@/components/Button";
import { Confirm } from "@/components/Confirm";
import { Menu, MenuItem } from "@/components/Menu";
import { note, problem } from "@/components/toasts";
import { heardInWords, lengthInWords, timeAgo } from "./length";
import { useDeleteStory } from "./queries";
import styles from "./StoryRow.module.css";

/** A story as a line of the table of contents. */
export function StoryRow({ story }: { story: Story }) {
  const [asking, setAsking] = useState(false);
  const remove = useDeleteStory();
  const removeNow = () =>
    remove.mutate(story.id, {
      onSuccess: () => note(`“${story.title}” is deleted.`),
      onError: (error) => problem(inWords(error)),
    });
  return (
    <li className={styles.row}>
      <div className={styles.words}>
        <h2 className={styles.title} dir="auto">
          <Link to={`/stories/${story.id}`}>{story.title}</Link>
        </h2>
        {story.premise && (
          <p className={styles.premise} dir="auto">
            {story.premise}
          </p>
        )}
        <p className={styles.facts}>
          <span>{lengthInWords(story.word_count)}</span>
          {story.last_heard && <span>{heardInWords(story.last_heard.position_ms)}</span>}
          {story.scene_count > 0 && <span>{scenesInWords(story.scene_count)}</span>}
          <time dateTime={story.updated_at}>{timeAgo(story.updated_at)}</time>
        </p>
      </div>
      <Menu
        trigger={
          <IconButton label={`More about ${story.title}`} className={styles.more}>
            <Ellipsis size={20} aria-hidden />
          </IconButton>
        }
      >
        <MenuItem icon={Trash2} onSelect={() => setAsking(true)}>
          Delete
        </MenuItem>
      </Menu>
      {asking && (
        <Confirm
          title={`Delete “${story.title}”?`}
          text="Its scenes go with it. This cannot be undone."
          action="Delete story"
          onConfirm={removeNow}
          onClose={() => setAsking(false)}
        />
      )}
    </li>
  );
}

function scenesInWords(count: number): string {
  return count === 1 ? "1 scene" : `${count} scenes`;
}
