package demo

import (
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
)

// human is somebody of the invented population.
type human struct {
	name
	female         bool
	born           time.Time
	division       string
	document       papers
	phone          string // E.164; "" for wards, who are reached through a guardian
	lang           string
	skills         []string
	languages      []string
	fields         []string
	qualifications []string
	guardian       *human
	relation       string
	registered     time.Time
	zeal           float64 // how much more than others this person serves

	id, account uuid.UUID // once registered
}

// papers is an identity document.
type papers struct{ kind, issuer, number string }

func (h *human) age(day time.Time) int {
	n := day.Year() - h.born.Year()
	if day.YearDay() < h.born.AddDate(n, 0, 0).YearDay() {
		n--
	}
	return n
}

func (h *human) county(a *atlas) string { return a.tree.County(h.division) }

// The ages of the registered: half between 19 and 30, as the province reports,
// with pupils and the retired beside them.
var ages = []struct {
	from, to int
	share    float64
}{{8, 13, 3}, {14, 17, 12}, {18, 22, 24}, {23, 30, 24}, {31, 45, 17}, {46, 59, 9}, {60, 72, 9}, {73, 86, 2}}

// femaleShare is the province's share of women among volunteers.
const femaleShare = 0.526

// population draws n people of the counties, Hong Kong and Macao.
type population struct {
	chance
	counties []county
	atlas    *atlas
	numbers  *numbers
	today    time.Time
	begin    time.Time // first day of the year that is told
	people   []*human
}

func (p *population) fill(n int) {
	for len(p.people) < n {
		h := p.draw()
		if h.age(h.registered) < 18 {
			p.underGuardian(h)
		}
		p.people = append(p.people, h)
	}
	slices.SortStableFunc(p.people, func(a, b *human) int { return a.registered.Compare(b.registered) })
}

func (p *population) draw() *human {
	weights := make([]float64, len(ages))
	for i, a := range ages {
		weights[i] = a.share
	}
	band := ages[p.weighted(weights)]
	female := p.is(femaleShare)
	born := p.today.AddDate(-p.between(band.from, band.to), 0, -p.between(1, 360))
	switch x := p.Float64(); {
	case x < 0.035:
		return p.sar(female, born, false)
	case x < 0.055:
		return p.sar(female, born, true)
	case x < 0.058:
		return p.foreigner(born)
	}
	return p.mainlander(female, born)
}

func (p *population) mainlander(female bool, born time.Time) *human {
	weights := make([]float64, len(p.counties))
	for i, c := range p.counties {
		weights[i] = c.weight
	}
	return p.local(p.counties[p.weighted(weights)], female, born)
}

// local draws a mainlander who lives in a county.
func (p *population) local(at county, female bool, born time.Time) *human {
	h := p.base(female, born, p.realVillage(at.code))
	h.name = mainlandName(p.chance, female, born.Year())
	home := at.home
	if p.is(0.35) { // people come from all over the province
		home = pick(p.chance, []string{"4402", "4405", "4409", "4412", "4414", "4415", "4416", "4417", "4418", "4451", "4452", "4453", "4307", "4503"})
	}
	h.document = papers{"mainland_id", "", p.numbers.mainlandID(home, born, female)}
	h.languages = p.tongues(at.code)
	return h
}

// realVillage draws a village that is a place, not a statistical one.
func (p *population) realVillage(division string) string {
	v := ""
	for range 50 {
		v = p.atlas.village(p.chance, division)
		if d, _ := p.atlas.tree.Get(v); !strings.Contains(d.NameHans, "虚拟") && !strings.Contains(d.NameHans, "开发区") {
			break
		}
	}
	return v
}

func (p *population) tongues(county string) []string {
	out := []string{"mandarin"}
	add := func(share float64, l string) {
		if p.is(share) {
			out = append(out, l)
		}
	}
	switch county[:4] {
	case "4414":
		add(0.9, "hakka")
		add(0.3, "cantonese")
	case "4451":
		add(0.9, "teochew")
		add(0.2, "cantonese")
	case "4403":
		add(0.45, "cantonese")
		add(0.15, "hakka")
	default:
		add(0.75, "cantonese")
	}
	add(0.3, "english")
	add(0.02, "sign")
	add(0.01, "japanese")
	return out
}

// base fills in what does not depend on where somebody comes from.
func (p *population) base(female bool, born time.Time, division string) *human {
	h := &human{female: female, born: born, division: division, lang: "zh-Hans", registered: p.registration(), zeal: p.eagerness()}
	h.skills = some(p.chance, []string{"01", "02", "03", "05", "07", "08", "09", "11", "12", "13", "15", "16", "17", "19", "20", "21", "22", "23"}, p.IntN(4))
	h.fields = some(p.chance, []string{"0001", "0003", "0004", "0006", "0007", "0008", "0010", "0011", "0015", "0016", "0017", "0018"}, p.between(1, 4))
	if born.Before(p.today.AddDate(-22, 0, 0)) {
		h.qualifications = p.licences()
	}
	h.phone = p.numbers.phone("CN")
	return h
}

func (p *population) licences() []string {
	var out []string
	for _, l := range []struct {
		code  string
		share float64
	}{{"first_aid", 0.09}, {"doctor", 0.03}, {"nurse", 0.03}, {"rescue", 0.02}, {"teacher", 0.05}, {"lawyer", 0.015}, {"counsellor", 0.015}, {"driver", 0.15}} {
		if p.is(l.share) {
			out = append(out, l.code)
		}
	}
	return out
}

// registration is a day of the year told, or shortly before it: most people
// were there already, others came in March, 学雷锋月.
func (p *population) registration() time.Time {
	day := p.begin.AddDate(0, 0, -p.between(2, 20))
	switch x := p.Float64(); {
	case x < 0.12:
		march := time.Date(p.today.Year(), 3, 1, 0, 0, 0, 0, p.today.Location())
		if march.After(p.today) {
			march = march.AddDate(-1, 0, 0)
		}
		day = march.AddDate(0, 0, min(p.IntN(28), max(0, int(p.today.Sub(march).Hours()/24)-1)))
	case x < 0.35:
		day = p.begin.AddDate(0, 0, p.between(0, 355))
	}
	return day.Add(time.Duration(p.between(8*60, 22*60)) * time.Minute)
}

// eagerness: many serve a little, a few serve a great deal.
func (p *population) eagerness() float64 {
	z := p.ExpFloat64()
	return z*z + 0.05
}

func (p *population) underGuardian(h *human) {
	first := born(p.chance, h.born, 24, 38)
	g := p.mainlander(p.is(0.6), first)
	if h.name.hans != "" {
		g.name = familyName(p.chance, surnameOf(h.hans), g.female, first.Year())
	}
	g.division, g.registered = h.division, h.registered.Add(-20*time.Minute)
	h.guardian, h.relation = g, map[bool]string{true: "mother", false: "father"}[g.female]
	if h.age(h.registered) < 14 {
		h.phone = ""
	}
	p.people = append(p.people, g)
}

// born draws a birthday so many years before another.
func born(c chance, child time.Time, from, to int) time.Time {
	return child.AddDate(-c.between(from, to), 0, -c.between(0, 364))
}
