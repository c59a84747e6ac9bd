package activity

import (
	"regexp"
	"strconv"
	"strings"

	"kapok/internal/kit/fault"
	"kapok/internal/kit/words"
)

// Declarations are the organisation's answers to "is it one of these?", by the
// six classes of what is no volunteering. A missing key is an open question.
type Declarations map[string]bool

// Classes are the six classes of what may not be published, recorded or
// certified as volunteer service (67号令 art. 19; classes of the national system).
var Classes = []string{
	"job",         // work within one's job in working time
	"internal",    // internal duties of a unit or school
	"own_benefit", // study, internship, travel: for those who take part
	"no_aim",      // the charitable aim is not clear
	"pay",         // pay clearly above a normal subsidy
	"time",        // hours that are no service: donations, forwarded posts, rewards
}

// check wants a "no" to all six before an activity is handed in.
func (d Declarations) check(c *fault.Check) {
	for _, class := range Classes {
		is, answered := d[class]
		switch {
		case !answered:
			c.Add("declare_"+class, ErrDeclare)
		case is:
			c.Add("declare_"+class, ErrNotVolunteering.With("class", Class(class)))
		}
	}
}

// known drops answers to questions we do not ask.
func (d Declarations) known() Declarations {
	out := Declarations{}
	for _, class := range Classes {
		if is, answered := d[class]; answered {
			out[class] = is
		}
	}
	return out
}

// Warning is a word in the text that often stands for what is no volunteering.
// It refuses nothing: the organisation and the reviewer look twice.
type Warning struct {
	Class string
	Word  string
}

// suspicious are words by class, in 简体; 繁體 is folded before the comparison.
var suspicious = []struct {
	class string
	words []string
}{
	{"job", []string{"值班", "加班", "上班", "本职", "轮岗", "workday", "overtime"}},
	{"internal", []string{"团建", "值日", "例会", "班会", "学生会换届", "打扫教室", "打扫宿舍", "打扫实验室", "内部培训", "team building"}},
	{"own_benefit", []string{"实习", "研学", "夏令营", "冬令营", "调研", "考察", "参观学习", "学习小组", "旅行", "internship", "study tour"}},
	{"no_aim", []string{"聚餐", "聚会", "观众", "充场", "演唱会", "看演出", "游玩", "party"}},
	{"pay", []string{"工资", "薪酬", "报酬", "日结", "时薪", "劳务费", "兼职", "招聘", "salary", "wage", "paid"}},
	{"time", []string{"捐款", "捐衣", "捐物", "转发", "集赞", "点赞", "奖励时长", "送时长", "换时长", "刷时长", "retweet", "donate"}},
}

// MaxSubsidy is the daily subsidy in yuan up to which an amount raises no
// warning (example of the national system's notice).
const MaxSubsidy = 50

var amount = regexp.MustCompile(`([0-9]{2,6})(?:\.[0-9]+)? ?(?:元|块|港币|澳门币|yuan|rmb|hkd|mop)`)

// Warnings finds suspicious words and amounts of money in the texts.
func (a Activity) Warnings() []Warning {
	text := words.Fold(strings.Join([]string{a.Title, a.Content, a.Risks}, "\n"))
	var out []Warning
	for _, s := range suspicious {
		for _, w := range s.words {
			if strings.Contains(text, w) {
				out = append(out, Warning{s.class, w})
			}
		}
	}
	for _, m := range amount.FindAllStringSubmatch(text, 10) {
		if n, err := strconv.Atoi(m[1]); err == nil && n > MaxSubsidy {
			out = append(out, Warning{"pay", m[0]})
		}
	}
	return out
}
