/** How objects of each category look: an outline and an icon of its own, so that colour is free to tell the status. */
import type { JSX } from "preact";
import type { Category } from "./graph";

export const CATEGORIES: readonly (readonly [Category, string])[] = [
  ["activity", "Activity"],
  ["datanode", "Data node"],
  ["precondition", "Precondition"],
  ["resource", "Resource"],
  ["schedule", "Schedule"],
  ["trigger", "Trigger"],
  ["action", "Action"],
  ["database", "Database"],
  ["dataformat", "Data format"],
  ["utility", "Utility"],
];

const NAMES = new Map<string | undefined, string>(CATEGORIES);

export const categoryName = (category: Category | undefined): string => NAMES.get(category) ?? "Object";

/** The outline of a box from (0, 0) to (w, h). */
export function outline(category: Category | undefined, w: number, h: number): string {
  switch (category) {
    case "activity":
      return rounded(w, h, 9);
    case "datanode":
      return `M0 6C0 -2 ${w} -2 ${w} 6V${h - 6}C${w} ${h + 2} 0 ${h + 2} 0 ${h - 6}Z`;
    case "precondition":
      return `M12 0H${w - 12}L${w} ${h / 2}L${w - 12} ${h}H12L0 ${h / 2}Z`;
    case "resource":
      return rounded(w, h, 1);
    case "schedule":
      return rounded(w, h, h / 2);
    case "trigger":
      return `M3 0H${w - 14}L${w} ${h / 2}L${w - 14} ${h}H3Q0 ${h} 0 ${h - 3}V3Q0 0 3 0Z`;
    case "action":
      return `M10 0H${w - 10}L${w} 10V${h - 10}L${w - 10} ${h}H10L0 ${h - 10}V10Z`;
    case "database":
      return `M0 6C0 -2 ${w} -2 ${w} 6V${h - 6}C${w} ${h + 2} 0 ${h + 2} 0 ${h - 6}ZM0 5C0 10 ${w} 10 ${w} 5`;
    case "dataformat":
      return `M3 0H${w - 12}L${w} 12V${h - 3}Q${w} ${h} ${w - 3} ${h}H3Q0 ${h} 0 ${h - 3}V3Q0 0 3 0ZM${w - 12} 0V12H${w}`;
    default:
      return rounded(w, h, 4);
  }
}

function rounded(w: number, h: number, r: number): string {
  return `M${r} 0H${w - r}A${r} ${r} 0 0 1 ${w} ${r}V${h - r}A${r} ${r} 0 0 1 ${w - r} ${h}H${r}A${r} ${r} 0 0 1 0 ${h - r}V${r}A${r} ${r} 0 0 1 ${r} 0Z`;
}

/** Sixteen by sixteen, drawn with lines. */
const ICONS: Readonly<Record<Category, string>> = {
  activity: "M5 3L13 8L5 13Z",
  datanode: "M2.5 4C2.5 1.5 13.5 1.5 13.5 4V12C13.5 14.5 2.5 14.5 2.5 12ZM2.5 4C2.5 6.5 13.5 6.5 13.5 4",
  precondition: "M8 1.5L14.5 8L8 14.5L1.5 8ZM5.5 8L7.3 9.8L10.6 6.4",
  resource: "M2 3H14V7.3H2ZM2 8.7H14V13H2ZM4.5 5.2H5.5M4.5 10.9H5.5",
  schedule: "M8 1.8A6.2 6.2 0 1 0 8 14.2A6.2 6.2 0 1 0 8 1.8ZM8 4.5V8L10.6 9.6",
  trigger: "M9 1.5L3.5 9H7.5L6.5 14.5L12.5 6.5H8.3Z",
  action: "M8 2C5 2 4.4 4.4 4.4 7C4.4 9.6 3 11 3 11H13C13 11 11.6 9.6 11.6 7C11.6 4.4 11 2 8 2ZM6.6 13.2C7 14.2 9 14.2 9.4 13.2",
  database: "M2.5 4C2.5 1.5 13.5 1.5 13.5 4V12C13.5 14.5 2.5 14.5 2.5 12ZM2.5 4C2.5 6.5 13.5 6.5 13.5 4M2.5 8C2.5 10.5 13.5 10.5 13.5 8",
  dataformat: "M3.5 1.5H10L12.5 4V14.5H3.5ZM5.5 6.5H10.5M5.5 9H10.5M5.5 11.5H8.5",
  utility: "M3 5H13M3 11H13M6 3V7M10 9V13",
};
const UNKNOWN = "M3 3H13V13H3Z";

export function iconOf(category: Category | undefined): string {
  return category === undefined ? UNKNOWN : ICONS[category];
}

/** The same beside words. */
export function Icon(props: { of: Category | undefined }): JSX.Element {
  return (
    <svg class="icon" width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">
      <path d={iconOf(props.of)} />
    </svg>
  );
}
