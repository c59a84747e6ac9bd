package bench

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// theme is a kind of activity as the platform has them by the thousand.
type theme struct {
	field    string
	share    int // how often it is held, beside the others
	titles   []string
	sentence []string
}

var themes = []theme{
	{"0017", 9, []string{"%s养老院探访", "探访%s敬老院的老人", "%s独居长者上门陪伴", "%s长者智能手机课堂"},
		[]string{"陪老人聊天、读报、下棋，帮助打扫房间。", "请尊重老人的作息，未经同意不要拍照。", "为行动不便的长者量血压、剪指甲。", "教长者使用健康码、挂号和视频通话。"}},
	{"0001", 14, []string{"%s社区清洁日", "%s垃圾分类入户宣传", "%s党群服务中心值守", "%s便民服务集市"},
		[]string{"协助社区工作人员登记、引导、答疑。", "分发宣传单张，讲解分类方法。", "清理楼道杂物和小广告。", "为居民磨刀、理发、修理小家电。"}},
	{"0006", 10, []string{"%s河涌巡护", "%s植树护绿", "%s海岸清洁", "%s公园观鸟导赏"},
		[]string{"沿河巡查，记录排污口和漂浮物。", "自带水壶，穿长裤和防滑鞋。", "分组捡拾垃圾并称重登记。", "讲解本地常见鸟类和湿地保护。"}},
	{"0003", 9, []string{"%s四点半课堂", "%s乡村小学支教", "%s图书馆儿童阅读", "%s流动儿童英语角"},
		[]string{"辅导小学生完成作业，带读绘本。", "每位志愿者照看三到五名儿童。", "需要有耐心，能连续参加四次以上优先。", "English reading and games for children."}},
	{"0004", 6, []string{"%s无偿献血招募", "%s健康义诊", "%s控烟劝导", "%s急救知识普及"},
		[]string{"引导献血者填表，照看献血后的休息区。", "协助医护人员维持秩序、整理资料。", "现场练习心肺复苏和 AED 的使用。"}},
	{"0011", 7, []string{"%s文明交通劝导", "%s地铁站引导", "%s护学岗"},
		[]string{"早晚高峰在路口劝导行人和电动车遵守信号。", "穿反光背心，听从交警安排。", "放学时段护送学生过马路。"}},
	{"0008", 6, []string{"%s粤剧进社区", "%s博物馆讲解", "%s非遗体验日"},
		[]string{"负责场地布置、观众引导和秩序维护。", "讲解展品，需参加一次培训。", "协助非遗传承人示范醒狮、广绣和剪纸。"}},
	{"0018", 4, []string{"%s马拉松补给站", "%s花市服务", "%s书展引导"},
		[]string{"清晨五点半集合，请合理安排交通。", "负责一个补给点的饮水和能量胶。", "为观众指路，照看走失的儿童和长者。"}},
	{"0013", 2, []string{"%s台风后清障", "%s应急演练"},
		[]string{"在统一指挥下清理倒伏树木和杂物。", "须年满十八周岁并购买意外险。"}},
	{"0007", 3, []string{"%s科普进校园", "%s机器人体验课"},
		[]string{"带学生做小实验，讲解原理。", "协助搭建和调试教具。"}},
	{"0005", 2, []string{"%s法律咨询", "%s普法宣传"},
		[]string{"解答劳动、租赁和婚姻家庭问题。", "需要有法律职业资格。"}},
	{"0009", 4, []string{"%s平安巡逻", "%s反诈宣传"},
		[]string{"两人一组，携带对讲机，不与人冲突。", "向长者讲解常见骗局。"}},
	{"0015", 2, []string{"%s全民健身指导", "%s社区运动会"}, []string{"教居民八段锦和拉伸。", "负责计时、登记和急救点。"}},
	{"0016", 2, []string{"%s景区问询", "%s古驿道向导"}, []string{"为游客指路，提醒防火。", "带队徒步，沿途讲解历史。"}},
	{"0099", 1, []string{"%s红棉读书会", "%s流浪动物救助"}, []string{"整理书籍和登记借阅。", "清理笼舍，喂食和遛狗。"}},
}

var commonSentences = []string{
	"请提前十五分钟到达集合点签到。", "活动结束后现场签退，时长按实际服务时间记录。", "主办方提供饮水、工具和保险。",
	"遇大雨或高温预警，活动改期并短信通知。", "请穿志愿者马甲，佩戴工作证。", "名额有限，报名后不能参加请尽早取消。",
	"参加者须听从现场负责人安排。", "地铁站 A 出口步行约五分钟。", "首次参加者由老志愿者带领。", "欢迎港澳居民参加。",
}

var places = []string{"文化广场", "社区党群服务中心", "图书馆", "人民公园", "小学", "敬老院", "地铁站", "市民广场", "湿地公园", "体育馆", "青年之家", "街心花园"}

// drawTheme picks a theme by its share.
func drawTheme(r *rand.Rand) theme {
	total := 0
	for _, t := range themes {
		total += t.share
	}
	n := r.IntN(total)
	for _, t := range themes {
		if n -= t.share; n < 0 {
			return t
		}
	}
	return themes[0]
}

// write makes title and content of an activity at a place.
func (t theme) write(r *rand.Rand, place string) (title, content string) {
	title = fmt.Sprintf(t.titles[r.IntN(len(t.titles))], place)
	var b strings.Builder
	for _, i := range r.Perm(len(t.sentence)) {
		b.WriteString(t.sentence[i])
	}
	for _, i := range r.Perm(len(commonSentences))[:2+r.IntN(4)] {
		b.WriteString(commonSentences[i])
	}
	return title, b.String()
}
