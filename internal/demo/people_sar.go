package demo

import (
	"time"

	"kapok/internal/region"
)

// sar draws somebody of Hong Kong or Macao: half live there and come over to
// serve, half live in the mainland.
func (p *population) sar(female bool, born time.Time, fromMacao bool) *human {
	home, short := hongKong, "HK"
	if fromMacao {
		home, short = macao, "MO"
	}
	n, foreign := sarPerson(p.chance, fromMacao, female)
	division := p.realVillage(pick(p.chance, []string{"440305", "440304", "440402", "440106"}))
	if p.is(0.5) {
		division = pick(p.chance, p.atlas.tree.Children(home)).Code
	}
	h := p.base(female, born, division)
	h.name, h.lang = n, "zh-Hant"
	h.languages = []string{"cantonese", "english"}
	if fromMacao {
		h.languages = []string{"cantonese", "portuguese"}
	}
	if foreign {
		h.lang, h.languages = "en", []string{"english"}
	}
	h.phone = p.numbers.phone(short)
	h.document = p.sarPapers(h, home, fromMacao, foreign)
	return h
}

func (p *population) sarPapers(h *human, home string, fromMacao, foreign bool) papers {
	switch x := p.Float64(); {
	case foreign:
		return papers{"travel_permit", "", p.numbers.travelPermit(fromMacao, false, true)}
	case x < 0.45:
		return papers{"travel_permit", "", p.numbers.travelPermit(fromMacao, p.is(0.2), false)}
	case x < 0.65 && !abroad(h.division):
		return papers{"residence_permit", "", p.numbers.residencePermit(home, h.born, h.female)}
	case fromMacao:
		return papers{"macao_bir", "", p.numbers.macaoBIR()}
	}
	return papers{"hkid", "", p.numbers.hkid()}
}

var foreigners = []struct {
	name, country string
	female        bool
}{
	{"Emily Rose Carter", "GB", true}, {"Kenji Sato", "JP", false}, {"Ji-woo Park", "KR", true}, {"Lucas Almeida Ferreira", "BR", false},
	{"Anna Kowalska", "PL", true}, {"Thomas Dubois", "FR", false},
}

// foreigner draws somebody with a passport only.
func (p *population) foreigner(born time.Time) *human {
	f := pick(p.chance, foreigners)
	h := p.base(f.female, born.AddDate(-12, 0, 0), p.realVillage(pick(p.chance, []string{"440106", "440305"})))
	h.name, h.lang, h.languages = name{latin: f.name}, "en", []string{"english"}
	h.document = papers{"passport", f.country, p.numbers.passport()}
	return h
}

func abroad(division string) bool { return region.Prefix(division)[:2] != "44" }
