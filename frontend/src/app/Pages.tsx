import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import { type Location, Navigate, Route, Routes, useLocation } from "react-router";
import { inWords } from "@/api/client";
import { Button } from "@/components/Button";
import { authModeQuery } from "@/features/account/queries";
import { Library } from "@/features/stories/Library";
import { Notice } from "./Notice";
import { Shell } from "./Shell";
import { StoryRoute } from "./StoryRoute";

// Few visits need these; the stories should not wait for them.
const SettingsRoute = lazy(() => import("./SettingsRoute"));
const SignIn = lazy(() => import("@/features/account/SignIn"));

/** Which page an address shows. Settings are a dialog over the page they were opened from. */
export function Pages() {
  const location = useLocation();
  const access = useQuery(authModeQuery);

  if (access.isPending) return null;
  if (access.isError) {
    return (
      <Notice title="Rhapsode cannot be reached" text={inWords(access.error)}>
        <Button look="main" onClick={() => void access.refetch()}>
          Try again
        </Button>
      </Notice>
    );
  }
  const signedIn = access.data.user !== null;
  const atSignIn = location.pathname === "/login";
  if (!signedIn && !atSignIn) return <Navigate to="/login" replace state={{ from: location }} />;
  if (!signedIn) {
    return (
      <Suspense>
        <SignIn access={access.data} />
      </Suspense>
    );
  }
  if (atSignIn) return <Navigate to={placeBefore(location)} replace />;

  const overlaid = location.pathname.startsWith("/settings");
  const background = (location.state as { background?: Location } | null)?.background;
  return (
    <>
      <Routes location={overlaid ? (background ?? "/") : location}>
        <Route element={<Shell />}>
          <Route index element={<Library />} />
          <Route path="stories/:storyId" element={<StoryRoute />} />
          <Route path="*" element={<NotFound />} />
        </Route>
      </Routes>
      {overlaid && (
        <Suspense>
          <Routes>
            <Route
              path="settings/:tab?"
              element={<SettingsRoute background={background ?? null} />}
            />
          </Routes>
        </Suspense>
      )}
    </>
  );
}

function placeBefore(location: Location): Location | string {
  return (location.state as { from?: Location } | null)?.from ?? "/";
}

function NotFound() {
  return <Notice title="There is no such page" text="The address may have been mistyped." home />;
}
