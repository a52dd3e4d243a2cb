import type { ReactElement, ReactNode } from "react";
import { Icon, type IconName } from "./Icon";

export type NoticeLook = "info" | "success" | "warning" | "error";

const ICONS: Record<NoticeLook, IconName> = { info: "info", success: "check", warning: "warning", error: "warning" };

interface NoticeProps {
  look?: NoticeLook;
  title?: string;
  children?: ReactNode;
  /** Read out when it appears: at once (an error), or when the reader is done (the rest). */
  announce?: boolean;
}

export function Notice({ look = "info", title, children, announce = true }: NoticeProps): ReactElement {
  const role = announce ? (look === "error" ? "alert" : "status") : undefined;
  return (
    <div className={`notice notice--${look}`} role={role}>
      <Icon name={ICONS[look]} />
      <div className="notice__body">
        {title && <p className="notice__title">{title}</p>}
        {children}
      </div>
    </div>
  );
}
