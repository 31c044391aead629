/** Pixels, all of them. The picture is as wide as a README. */
export const WIDTH = 840
export const LABEL_WIDTH = 140
export const PANEL_WIDTH = 168
export const PANEL_GAP = 7
export const PANELS_IN_A_ROW = 4
export const ROW_HEIGHT = 14
/** Above the rows of a panel: its title and the scale. */
export const PANEL_HEAD = 38
/** Between two rows of panels. */
export const BAND_GAP = 18
/** The title and the legend. */
export const HEADER = 90
/** The run. */
export const FOOTER = 26
/** The strip at the right of a panel, for answers that never came. */
export const NEVER_WIDTH = 30
/** Milliseconds at the left of the scale. */
export const SHORTEST = 0.05
