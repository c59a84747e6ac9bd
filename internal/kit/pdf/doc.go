// Package pdf writes documents that a person keeps: pages of text, lines and
// codes, with the fonts inside, the same bytes for the same content.
//
// Owns: the embedded fonts and their order, laying out lines of mixed Chinese
// and Latin text, writing PDF 1.7, sealing a document so that any changed byte
// is noticed.
// Words: 字体 font, 字形 glyph, 生僻字 rare character, 封印 seal.
// Invariants: a character that no font has is an error (MissingGlyphs), never
// an empty box; every character can be copied and searched, also beyond the
// Basic Multilingual Plane; the same calls give the same bytes; a document
// holds only the glyphs it shows.
// Not here: what a certificate says (certificate), keys (kit/sign).
//
// Why not a PDF library: of the two that take TrueType, fpdf panics beyond the
// BMP; gopdf 0.33 writes a wrong copy-and-search map there, draws glyph 0
// silently, cannot attach a file or name a language, and parses a whole CJK font
// for each document (measured: four times the processor time of this package
// for a tenth of the text, and 15 MB instead of 1 MB).
package pdf
