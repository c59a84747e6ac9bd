package demo

import (
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
)

// body is an organisation of the demo.
type body struct {
	name, trade, kind         string
	division, county          string
	creditCode, registryNo    string
	guidingUnit               string
	filing                    *filing
	phone, email, addr, intro string
	fields                    []string
	founded                   time.Time // application; approved some days later
	fate                      string    // approved, applied, returned, refused, suspended
	admin, approver, recorder *human
	leaders                   []*human
	desk                      *human // administrator of its division
	id                        uuid.UUID
}

// filing is what an offshore body shows (境外非政府组织境内活动管理法 art. 9).
type filing struct {
	kind, no, partner string
	from, to          time.Time
}

// trade is a sort of organisation found in every county.
type trade struct {
	key, kind, code string // code: first two characters of the credit code
	name, intro     string // {town}, {county}, {city}
	guide           string // guiding unit of a group
	fields          []string
	most            int // so many in a county
}

var trades = []trade{
	{key: "federation", kind: "volunteer_org", code: "51", name: "{county}志愿者联合会", most: 1, fields: []string{"0001", "0010", "0018"},
		intro: "联系全区志愿服务组织的枢纽型社会团体，承担招募、培训、保障和大型活动服务。"},
	{key: "street", kind: "group", name: "{town}志愿服务队", guide: "{town}办事处", most: 2, fields: []string{"0001", "0006", "0010", "0017"},
		intro: "由街坊组成的社区志愿服务队，常年开展邻里互助、长者关怀和环境整治。"},
	{key: "school", kind: "group", name: "{county}明德中学青年志愿者协会", guide: "{county}明德中学", most: 1, fields: []string{"0003", "0006", "0007"},
		intro: "师生共同组成，利用周末和假期服务社区，老师全程带队。"},
	{key: "hospital", kind: "legal_person", code: "12", name: "{county}惠民医院", most: 1, fields: []string{"0004"},
		intro: "公立综合医院，志愿服务由社工部统筹，提供导诊、陪伴和义诊。"},
	{key: "social", kind: "legal_person", code: "52", name: "{city}木棉树社会工作服务中心（{county}）", most: 1, fields: []string{"0004", "0017"},
		intro: "承接社工站服务的社会工作机构，督导志愿者开展探访、热线和儿童服务。"},
	{key: "library", kind: "legal_person", code: "12", name: "{county}图书馆", most: 1, fields: []string{"0003", "0008"},
		intro: "公共图书馆，志愿者参与读者引导、绘本故事和数字技能课堂。"},
	{key: "rescue", kind: "volunteer_org", code: "52", name: "{city}海鹰应急救援队", most: 1, fields: []string{"0012", "0013"},
		intro: "民间应急救援队，队员持证上岗，平时训练、防灾科普，急时听从统一指挥。"},
}

// organisations makes the bodies of all counties, and those from outside.
type organisations struct {
	people *population
	desks  map[string]*human
	bodies []*body
}

func (o *organisations) fill() {
	o.desks = map[string]*human{}
	cities := map[string]bool{}
	for i, c := range o.people.counties {
		o.desks[c.code] = o.staff(c, 30, 55)
		for _, t := range trades {
			if t.key == "rescue" && cities[c.code[:4]] || t.key == "library" && i%2 == 1 || t.key == "hospital" && i%3 == 2 {
				continue
			}
			for n := range t.most {
				o.bodies = append(o.bodies, o.local(c, t, n))
			}
		}
		cities[c.code[:4]] = true
	}
	o.outside()
	o.waiting()
}

func (o *organisations) local(c county, t trade, n int) *body {
	p := o.people
	towns := p.atlas.tree.Children(c.code)
	town := towns[(3+n*(len(towns)/2))%len(towns)].Code
	say := p.atlas.filler(p.realVillage(town))
	b := &body{
		name: say(t.name), trade: t.key, kind: t.kind, division: c.code, county: c.code, intro: say(t.intro), fields: t.fields,
		guidingUnit: say(t.guide), founded: p.begin.AddDate(0, 0, -p.between(12, 16)), fate: "approved", desk: o.desks[c.code],
	}
	if t.key == "street" {
		b.division = town
	}
	if t.code != "" {
		b.creditCode = p.numbers.creditCode(t.code, c.code)
	}
	o.reach(b)
	b.addr = p.atlas.full(b.division) + fmt.Sprintf("%d号", p.between(2, 188))
	b.admin, b.approver, b.recorder = o.staff(c, 28, 60), o.staff(c, 28, 60), o.staff(c, 22, 60)
	b.leaders = []*human{o.staff(c, 20, 65), o.staff(c, 20, 65)}
	return b
}

// reach gives a body a telephone nobody has (local numbers never begin with 0)
// and an address at a domain kept for examples.
func (o *organisations) reach(b *body) {
	n := o.people.numbers.next("office")
	b.phone = fmt.Sprintf("020-0000%04d", n)
	b.email = fmt.Sprintf("%s%02d@example.org", b.trade, n)
}

// staff draws somebody who runs things: grown up, registered before the year.
func (o *organisations) staff(c county, from, to int) *human {
	p := o.people
	h := p.local(c, p.is(0.55), p.today.AddDate(-p.between(from, to), 0, -p.between(1, 360)))
	return o.early(h)
}

func (o *organisations) early(h *human) *human {
	h.registered = o.people.begin.AddDate(0, 0, -19).Add(time.Duration(o.people.between(9*60, 20*60)) * time.Minute)
	o.people.people = append(o.people.people, h)
	return h
}

// outside adds bodies of Hong Kong and Macao: one each at home, one each with
// a filing for the mainland.
func (o *organisations) outside() {
	p := o.people
	o.desks[hongKong], o.desks[macao] = o.sarStaff(false, shaTin), o.sarStaff(true, macaoSe)
	day := func(t time.Time) time.Time { return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC) }
	guangzhou := o.desks[p.counties[0].code]
	for _, b := range []*body{
		{name: "香港同行義工協會廣東代表處", trade: "hk", kind: "offshore", division: p.counties[0].code, desk: guangzhou,
			intro:  "香港註冊慈善機構在內地依法登記的代表處，推動粵港青年義工交流、長者關懷與科創教育。",
			filing: &filing{"office", "G1440000-DEMO-01", "", day(p.begin.AddDate(-1, 0, 0)), day(p.today.AddDate(2, 0, 0))}},
		{name: "澳門同心志願者協會", trade: "macao", kind: "offshore", division: p.counties[0].code, desk: guangzhou,
			intro:  "澳門社團，備案臨時活動，與本地聯合會合辦青年社區導賞。",
			filing: &filing{"temporary", "粵臨備DEMO-02", "越秀区志愿者联合会", day(p.begin.AddDate(0, 0, 40)), day(p.begin.AddDate(1, 0, 39))}},
		{name: "香港沙田義工網絡", trade: "hklocal", kind: "volunteer_org", division: shaTin, desk: o.desks[hongKong], registryNo: "DEMO-HK-0001",
			intro: "沙田街坊組成的義工團體，定期探訪獨居長者、清潔海岸。"},
		{name: "澳門同心志願者協會（本澳）", trade: "molocal", kind: "volunteer_org", division: macaoSe, desk: o.desks[macao], registryNo: "DEMO-MO-0001",
			intro: "澳門本地社團，提供世遺導賞與頤康服務。"},
	} {
		fromMacao := b.trade == "macao" || b.trade == "molocal"
		home := map[bool]string{false: shaTin, true: macaoSe}[fromMacao]
		b.county, b.founded, b.fate, b.fields = p.atlas.tree.County(b.division), p.begin.AddDate(0, 0, -14), "approved", []string{"0008", "0017"}
		o.reach(b)
		b.admin, b.approver, b.recorder = o.sarStaff(fromMacao, home), o.sarStaff(fromMacao, home), o.sarStaff(fromMacao, home)
		b.leaders = []*human{o.sarStaff(fromMacao, home)}
		o.bodies = append(o.bodies, b)
	}
}

func (o *organisations) sarStaff(fromMacao bool, home string) *human {
	p := o.people
	h := p.sar(p.is(0.5), p.today.AddDate(-p.between(26, 55), 0, -p.between(1, 360)), fromMacao)
	for h.name.hant == "" {
		h = p.sar(h.female, h.born, fromMacao)
	}
	h.division = home
	if h.document.kind == "residence_permit" { // held by those who live in the mainland
		h.document = papers{"travel_permit", "", p.numbers.travelPermit(fromMacao, false, false)}
	}
	return o.early(h)
}

// waiting adds what lies on the desks of the regions: applications to decide,
// one sent back, one refused, and an organisation that was suspended.
func (o *organisations) waiting() {
	p := o.people
	for i, x := range []struct {
		name, fate string
		ago        int
	}{
		{"{village}邻里互助队", "applied", 1}, {"{town}银龄志愿服务队", "applied", 2}, {"{village}亲子环保小分队", "applied", 4},
		{"{town}摄影义拍团", "returned", 9}, {"{village}快闪营销推广队", "refused", 30}, {"{town}夕阳红文艺队", "suspended", 379},
	} {
		c := p.counties[i%len(p.counties)]
		v := p.realVillage(c.code)
		say := p.atlas.filler(v)
		b := &body{name: say(x.name), trade: "group", kind: "group", division: p.atlas.town(v), county: c.code, guidingUnit: say("{town}办事处"),
			founded: p.today.AddDate(0, 0, -x.ago), fate: x.fate, desk: o.desks[c.code], fields: []string{"0001"},
			intro: "由居民自发组成，希望在街道指导下开展志愿服务。", addr: p.atlas.full(v)}
		o.reach(b)
		b.admin = o.staff(c, 30, 60)
		if x.fate == "suspended" {
			b.trade, b.approver, b.recorder, b.leaders = "street", o.staff(c, 30, 60), o.staff(c, 30, 60), []*human{o.staff(c, 30, 60)}
		}
		o.bodies = append(o.bodies, b)
	}
}

// filler fills the names of divisions into texts, for a village.
func (a *atlas) filler(village string) func(string) string {
	r := strings.NewReplacer("{village}", a.short(village), "{town}", a.short(a.town(village)),
		"{county}", a.short(a.tree.County(village)), "{city}", a.city(village))
	return func(s string) string { return r.Replace(s) }
}
