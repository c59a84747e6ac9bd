package ui

// Icons are drawn as strokes on a 24 × 24 grid, in the colour of the text, and
// written into the page where they stand: no request, no flash. All are
// ornaments to a text beside them, hidden from screen readers.
var icons = map[string]string{
	"home":     "M4 11l8-7 8 7v9h-5v-6H9v6H4z",
	"find":     "M11 5a6 6 0 1 0 0 12 6 6 0 0 0 0-12zM15.5 15.5L20 20",
	"code":     "M4 4h6v6H4zM14 4h6v6h-6zM4 14h6v6H4zM14 14h3v3h-3zM18 18h2v2h-2z",
	"clock":    "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM12 8v4l3 2",
	"me":       "M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM4 21c1-5 4-7 8-7s7 2 8 7",
	"place":    "M12 21c5-5 7-8 7-11a7 7 0 0 0-14 0c0 3 2 6 7 11zM12 7.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5z",
	"date":     "M4 6h16v14H4zM4 10h16M8 3v4M16 3v4",
	"people":   "M9 5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7zM2.5 20c.5-4 3-6 6.5-6s6 2 6.5 6M15.5 5.3a3.5 3.5 0 0 1 0 6.4M18 14.5c2 .8 3.2 2.6 3.5 5.5",
	"back":     "M15 5l-7 7 7 7",
	"next":     "M9 5l7 7-7 7",
	"down":     "M5 9l7 7 7-7",
	"check":    "M5 12.5l4.5 4.5L19 7.5",
	"alert":    "M12 4L2.8 20h18.4zM12 10v4.5M12 17v.5",
	"info":     "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM12 11v5M12 8v.5",
	"share":    "M12 15V4M8 7.5L12 3.5l4 4M5 12v8h14v-8",
	"bell":     "M6 17v-6a6 6 0 0 1 12 0v6l1.5 1.5h-15zM10.5 21h3",
	"phone":    "M7 3h3l1.5 5-2 1.5a12 12 0 0 0 5 5l1.5-2 5 1.5v3c0 2-1.5 3-3 3C10.5 20 4 13.5 4 6c0-1.5 1-3 3-3z",
	"download": "M12 4v11M8 11l4 4 4-4M5 20h14",
	"shield":   "M12 3l8 3v6c0 4.5-3 7.5-8 9.5-5-2-8-5-8-9.5V6zM8.5 12l2.5 2.5 4.5-4.5",
	"plus":     "M12 5v14M5 12h14",
	"filter":   "M4 7h16M7 12h10M10 17h4",
}

// window is the 满洲窗, Lingnan's coloured window: the one ornament of a page.
const (
	windowLead   = "M10 10h140v140H10zM30 30h100v100H30zM52 52h56v56H52zM80 10v42M80 108v42M10 80h42M108 80h42M10 10l42 42M150 10l-42 42M10 150l42-42M150 150l-42-42M80 52l28 28-28 28-28-28z"
	windowAmber  = "M80 60l20 20-20 20-20-20z"
	windowJade   = "M32 32h20v20zM128 32h-20v20zM32 128h20v-20zM128 128h-20v-20z"
	windowIndigo = "M54 54h24v2L56 78h-2zM106 54H82v2l22 22h2zM54 106h24v-2L56 82h-2zM106 106H82v-2l22-22h2z"
)

// petal is one of the five petals of the kapok flower in the brand.
const petal = "M16 17C9.5 13.5 10 4.5 16 1.5 22 4.5 22.5 13.5 16 17z"
